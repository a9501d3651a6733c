import { type SyntheticEvent, useState } from 'react';
import type { SearchBy } from '../../api/client.gen.ts';
import { Button } from '../ui/button.tsx';
import { RadioGroup } from '../ui/choices.tsx';
import { DateField } from '../ui/date-field.tsx';
import { Actions } from '../ui/dialog.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { isoInTokyo, isTyped, noDate, readTypedDate } from '../ui/typed-date.ts';
import { useUiWords } from '../ui/words.ts';
import { NumberField } from './number-field.tsx';
import { isWay, searchOf, type TypedSearch, type Way } from './search-by.ts';
import { useDeskWords } from './words.ts';

const nothing: TypedSearch = {
  number: '',
  residentCode: '',
  reading: '',
  birthDate: noDate,
  address: '',
  addressNumber: '',
};
const limits = [10, 20, 50, 100];

/** Looks somebody up in the ways the purpose allows, and says before what the search will write. */
export function FindForm({
  searchesBy,
  busy,
  onSearch,
}: {
  searchesBy: readonly string[];
  busy: boolean;
  onSearch: (by: SearchBy, limit: number) => void;
}) {
  const words = useDeskWords();
  const t = words.find;
  const allowed = searchesBy.filter(isWay);
  const [way, setWay] = useState<Way>(allowed[0] ?? 'reading');
  const [typed, setTyped] = useState(nothing);
  const [limit, setLimit] = useState(10);
  const [tried, setTried] = useState(false);
  const set = (part: Partial<TypedSearch>) => setTyped((now) => ({ ...now, ...part }));
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    const by = searchOf(way, typed, isoInTokyo(Date.now()));
    if (by !== undefined) onSearch(by, limit);
  };
  return (
    <form className="max-w-2xl space-y-5" onSubmit={submit} noValidate autoComplete="off">
      {allowed.length > 1 && (
        <RadioGroup
          label={t.by}
          required
          value={way}
          onChange={(value) => {
            if (!isWay(value)) return;
            setWay(value);
            setTried(false);
          }}
          options={allowed.map((value) => ({ value, text: words.newCase.by[value] }))}
        />
      )}
      <WayFields way={way} typed={typed} set={set} tried={tried} />
      <div className="max-w-xs">
        <SelectField
          label={t.limit}
          required
          value={String(limit)}
          onChange={(event) => setLimit(Number(event.target.value))}
          options={limits.map((n) => ({ value: String(n), text: t.persons(n) }))}
        />
      </div>
      <p className="text-std-16N-170 rounded-8 bg-key-50 p-3">{t.willWrite(limit)}</p>
      <Actions>
        <Button type="submit" busy={busy}>
          {t.submit}
        </Button>
        <Button
          look="text"
          onClick={() => {
            setTyped(nothing);
            setTried(false);
          }}
        >
          {t.clear}
        </Button>
      </Actions>
    </form>
  );
}

function WayFields({
  way,
  typed,
  set,
  tried,
}: {
  way: Way;
  typed: TypedSearch;
  set: (part: Partial<TypedSearch>) => void;
  tried: boolean;
}) {
  const t = useDeskWords().find;
  const faults = useUiWords().date.faults;
  const missing = (value: string) => (tried && value.trim() === '' ? t.faults.empty : undefined);
  if (way === 'number')
    return (
      <NumberField kind="number" value={typed.number} onChange={(number) => set({ number })} tried={tried} />
    );
  if (way === 'resident_code')
    return (
      <NumberField
        kind="residentCode"
        value={typed.residentCode}
        onChange={(residentCode) => set({ residentCode })}
        tried={tried}
      />
    );
  if (way === 'address')
    return (
      <TextField
        label={t.address}
        hint={t.addressHint}
        required
        value={typed.address}
        onChange={(event) => set({ address: event.target.value })}
        error={missing(typed.address)}
      />
    );
  if (way === 'address_number')
    return (
      <TextField
        label={t.addressNumber}
        required
        value={typed.addressNumber}
        onChange={(event) => set({ addressNumber: event.target.value })}
        error={missing(typed.addressNumber)}
        className="max-w-xs"
      />
    );
  const read = readTypedDate(typed.birthDate, isoInTokyo(Date.now()));
  return (
    <>
      <TextField
        label={t.reading}
        hint={t.readingHint}
        required
        value={typed.reading}
        onChange={(event) => set({ reading: event.target.value })}
        error={missing(typed.reading)}
      />
      <DateField
        label={t.birthDate}
        value={typed.birthDate}
        onChange={(birthDate) => set({ birthDate })}
        error={tried && isTyped(typed.birthDate) && 'reason' in read ? faults[read.reason] : undefined}
      />
    </>
  );
}
