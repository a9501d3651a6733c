import type { NumberChangeCause } from '../../api/client.gen.ts';
import { Checkbox, RadioGroup } from '../ui/choices.tsx';
import { Notice } from '../ui/notice.tsx';
import { useEventWords } from './words.ts';

export const noCause: NumberChangeCause = {
  by: 'request',
  circumstance: 'leak',
  leaked: false,
  misuseFeared: false,
  evidenceSeen: false,
};

/** Whether a number may change for it: leaked, misuse feared, and at somebody's request the evidence seen. */
export const holdsUp = ({ by, leaked, misuseFeared, evidenceSeen }: NumberChangeCause): boolean =>
  leaked && misuseFeared && (by !== 'request' || evidenceSeen);

const bys = ['request', 'ex-officio'] as const;
const circumstances = ['leak', 'theft', 'loss', 'seen-by-others'] as const;

/** The facts that article 7(2) asks for before a number may change. */
export function CauseFields({
  cause,
  onChange,
  wrong,
}: {
  cause: NumberChangeCause;
  onChange: (cause: NumberChangeCause) => void;
  wrong: boolean;
}) {
  const t = useEventWords().cause;
  return (
    <>
      <RadioGroup
        label={t.by}
        required
        value={cause.by}
        onChange={(value) => onChange({ ...cause, by: bys.find((by) => by === value) ?? cause.by })}
        options={bys.map((value) => ({ value, text: t.byOptions[value] }))}
      />
      <RadioGroup
        label={t.circumstance}
        required
        value={cause.circumstance}
        onChange={(value) =>
          onChange({
            ...cause,
            circumstance: circumstances.find((each) => each === value) ?? cause.circumstance,
          })
        }
        options={circumstances.map((value) => ({ value, text: t.circumstanceOptions[value] }))}
      />
      <div>
        {(['leaked', 'misuseFeared', 'evidenceSeen'] as const).map((fact) => (
          <Checkbox key={fact} checked={cause[fact]} onChange={(set) => onChange({ ...cause, [fact]: set })}>
            {t[fact]}
          </Checkbox>
        ))}
      </div>
      <Notice kind={wrong ? 'error' : 'info'} title={t.both} live={wrong} />
    </>
  );
}
