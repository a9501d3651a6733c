import type { Ref, SelectHTMLAttributes } from 'react';
import { controlLook, FieldFrame, type FieldProps, useFieldIds } from './field.tsx';

export interface SelectFieldProps
  extends FieldProps,
    Omit<SelectHTMLAttributes<HTMLSelectElement>, 'required'> {
  options: readonly { value: string; text: string }[];
  ref?: Ref<HTMLSelectElement>;
}

/** The browser's own list: every screen reader and phone knows it. */
export function SelectField({
  label,
  hint,
  error,
  required = false,
  bare = false,
  options,
  ...select
}: SelectFieldProps) {
  const ids = useFieldIds({ hint, error });
  return (
    <FieldFrame label={label} hint={hint} error={error} required={required} bare={bare} ids={ids}>
      <select
        {...select}
        id={ids.id}
        aria-required={required}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={ids.describedBy}
        className={`${controlLook} cursor-pointer`}
      >
        {options.map(({ value, text }) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </FieldFrame>
  );
}
