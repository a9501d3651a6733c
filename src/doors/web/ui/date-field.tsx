import { type ReactNode, useId } from 'react';
import { controlLook, FieldError, Requirement } from './field.tsx';
import { useLanguage } from './language.tsx';
import { dateInWords, type Era, eras, readTypedDate, spreadOut, type TypedDate } from './typed-date.ts';
import { useUiWords } from './words.ts';

/** Era, year, month and day, with the date as it was understood said below. */
export function DateField({
  label,
  hint,
  value,
  onChange,
  error,
  required = false,
}: {
  label: ReactNode;
  hint?: ReactNode;
  value: TypedDate;
  onChange: (value: TypedDate) => void;
  error?: string | undefined;
  required?: boolean;
}) {
  const t = useUiWords();
  const { language } = useLanguage();
  const id = useId();
  const read = readTypedDate(value);
  const part = (name: 'year' | 'month' | 'day', width: string) => (
    <label className="text-std-16N-170 flex items-center gap-1.5">
      <input
        type="text"
        inputMode={name === 'year' ? 'text' : 'numeric'}
        autoComplete="off"
        value={value[name]}
        aria-label={t.date[name]}
        aria-required={required}
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={`${id}-reads ${id}-error`}
        onChange={(event) => onChange({ ...value, [name]: event.target.value })}
        onBlur={() => onChange(spreadOut(value))}
        className={`${controlLook} ${width}`}
      />
      <span aria-hidden="true">{t.date[name]}</span>
    </label>
  );
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="text-std-17B-170 mb-1.5 flex flex-wrap items-baseline gap-x-2">
        {label} <Requirement required={required} />
      </legend>
      <p className="text-std-16N-170 text-solid-gray-700">{hint ?? t.date.first}</p>
      <div className="flex flex-wrap items-center gap-x-2 gap-y-2">
        <select
          aria-label={t.date.era}
          value={value.era}
          onChange={(event) => onChange({ ...value, era: event.target.value as Era })}
          className={`${controlLook} w-auto! cursor-pointer px-2!`}
        >
          {eras.map((era) => (
            <option key={era} value={era}>
              {t.date.eras[era]}
            </option>
          ))}
        </select>
        {part('year', 'w-18! px-2!')}
        {part('month', 'w-12! px-2!')}
        {part('day', 'w-12! px-2!')}
      </div>
      <p id={`${id}-reads`} className="text-std-16N-170 text-solid-gray-700 empty:hidden">
        {'date' in read ? t.date.reads(dateInWords(read.date, language)) : ''}
      </p>
      <FieldError id={`${id}-error`} error={error} />
    </fieldset>
  );
}
