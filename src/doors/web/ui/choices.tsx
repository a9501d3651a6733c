import type { ReactNode } from 'react';
import { RadioGroup as AriaRadioGroup, Label, Radio } from 'react-aria-components/RadioGroup';
import { Requirement } from './field.tsx';

export interface RadioGroupProps {
  label: ReactNode;
  value: string | null;
  onChange: (value: string) => void;
  options: readonly { value: string; text: ReactNode; hint?: ReactNode; disabled?: boolean }[];
  required?: boolean;
  error?: string | undefined;
}

/** One of a few. Arrow keys move, as react-aria does it. */
export function RadioGroup({ label, value, onChange, options, required = false, error }: RadioGroupProps) {
  return (
    <AriaRadioGroup
      value={value}
      onChange={onChange}
      isRequired={required}
      isInvalid={error !== undefined}
      className="flex flex-col gap-2"
    >
      <Label className="text-std-17B-170 flex flex-wrap items-baseline gap-x-2">
        {label} <Requirement required={required} />
      </Label>
      {options.map((option) => (
        <Radio
          key={option.value}
          value={option.value}
          isDisabled={option.disabled ?? false}
          className="group flex cursor-pointer items-start gap-2 rounded-8 py-1 disabled:cursor-not-allowed"
        >
          <span
            aria-hidden="true"
            className="mt-1 grid size-5 shrink-0 place-items-center rounded-full border-2 border-solid-gray-600 bg-white group-data-[hovered]:border-black group-data-[selected]:border-key-900 group-data-[focus-visible]:outline-4 group-data-[focus-visible]:outline-offset-2 group-data-[focus-visible]:outline-black"
          >
            <span className="size-2.5 rounded-full bg-transparent group-data-[selected]:bg-key-900" />
          </span>
          <span>
            <span className="text-std-16N-170 block">{option.text}</span>
            {option.hint !== undefined && (
              <span className="text-std-16N-170 block text-solid-gray-700">{option.hint}</span>
            )}
          </span>
        </Radio>
      ))}
      <p aria-live="polite" className="text-std-16N-170 text-error-2 empty:hidden">
        {error === undefined ? '' : `＊${error}`}
      </p>
    </AriaRadioGroup>
  );
}

/** Yes or no, with the browser's own box. */
export function Checkbox({
  checked,
  onChange,
  children,
  disabled = false,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  disabled?: boolean;
}) {
  return (
    <label className="text-std-16N-170 flex min-h-11 cursor-pointer items-center gap-2.5 has-disabled:cursor-not-allowed has-disabled:text-solid-gray-600">
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={(event) => onChange(event.target.checked)}
        className="size-6 shrink-0 accent-key-900"
      />
      <span>{children}</span>
    </label>
  );
}
