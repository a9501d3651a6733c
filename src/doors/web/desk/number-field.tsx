import { TextField } from '../ui/text-field.tsx';
import { lengthOf, type NumberKind, readTypedNumber } from './typed-number.ts';
import { useDeskWords } from './words.ts';

/** A number whose check digit is tried as it is typed or pasted. The browser is told not to remember it. */
export function NumberField({
  kind,
  value,
  onChange,
  tried,
  required = true,
}: {
  kind: NumberKind;
  value: string;
  onChange: (value: string) => void;
  /** Submitting was tried: now a missing or short number is an error too. */
  tried: boolean;
  required?: boolean;
}) {
  const t = useDeskWords().find;
  const typed = readTypedNumber(kind, value);
  const error = () => {
    if (typed.state === 'wrong') return t.faults[typed.reason];
    if (tried && required && typed.state === 'empty') return t.faults.empty;
    return tried && typed.state === 'short' ? t.faults.length : undefined;
  };
  return (
    <div>
      <TextField
        label={t[kind]}
        hint={kind === 'number' ? t.numberHint : t.residentCodeHint}
        required={required}
        inputMode="numeric"
        maxLength={40}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        error={error()}
        className="max-w-xs font-mono tracking-wider"
      />
      <p aria-live="polite" className="text-std-16N-170 min-h-7 text-solid-gray-700">
        {typed.state === 'good' && <span className="text-success-2">✓ {t.good}</span>}
        {typed.state === 'short' && t.digits(typed.digits, lengthOf(kind))}
      </p>
    </div>
  );
}
