import { coarseRuleWords } from '../../words/index.ts';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { useAnnounce } from '../ui/live-region.tsx';
import { momentInWords } from '../ui/moment.ts';
import { keepFile } from './keep-file.ts';
import { kindInWords, lineInWords } from './line-words.ts';
import type { CheckedEntry } from './lines.ts';
import { MarkMeaning, MarkSign } from './mark.tsx';
import { momentOf, savedLine } from './verify/index.ts';
import { usePortalWords, usePurposeWords } from './words.ts';

/** One line: what happened in a sentence, its mark, and what one may do with it. */
export function LookedLine({ checked, onContest }: { checked: CheckedEntry; onContest: () => void }) {
  const words = usePortalWords();
  const t = words.looked;
  const { language } = useLanguage();
  const announce = useAnnounce();
  const { entry, verdict } = checked;
  const kept = savedLine(entry);
  const said = verdict.content === undefined ? undefined : lineInWords(verdict.content, words, language);
  const rule = entry.keptBack?.rule;
  return (
    <li className="rounded-8 border border-solid-gray-420 p-4">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-72">
          <p className="text-std-16N-170 text-solid-gray-700">
            <time dateTime={new Date(momentOf(entry)).toISOString()}>
              {momentInWords(momentOf(entry), language)}
            </time>
          </p>
          <h3 className="text-std-18B-160">
            {said?.sentence ?? kindInWords(entry.keptBack?.kind ?? '', language)}
          </h3>
        </div>
        <MarkSign mark={verdict.mark} />
      </div>
      {said !== undefined && <Said said={said} />}
      {rule !== undefined && (
        <div className="text-std-16N-170 mt-2">
          <p>
            {Object.hasOwn(coarseRuleWords, rule)
              ? coarseRuleWords[rule as keyof typeof coarseRuleWords][language]
              : t.keptBack}
          </p>
          <p>{t.keptBackText}</p>
          <p>{t.keptBackSaid}</p>
        </div>
      )}
      <details className="mt-2" open={verdict.mark === 'red'}>
        <summary className="text-std-16N-170 inline-flex min-h-11 cursor-pointer items-center text-key-900 underline">
          {t.meaning}
        </summary>
        <div className="text-std-16N-170 mt-1">
          <MarkMeaning verdict={verdict} keptBack={rule !== undefined} />
        </div>
      </details>
      <Expert checked={checked} />
      <div className="mt-1 flex flex-wrap gap-x-4">
        {kept !== undefined && (
          <Button
            look="text"
            size="sm"
            aria-label={t.saveOf(entry.index)}
            onClick={() => {
              keepFile(kept);
              announce(t.saved(kept.name));
            }}
          >
            {t.save}
          </Button>
        )}
        <Button look="text" size="sm" aria-label={t.contestOf(entry.index)} onClick={onContest}>
          {t.contest}
        </Button>
      </div>
    </li>
  );
}

function Said({ said }: { said: ReturnType<typeof lineInWords> }) {
  const t = usePortalWords().looked;
  const purposes = usePurposeWords();
  const purpose = Object.hasOwn(purposes, said.basis)
    ? purposes[said.basis as keyof typeof purposes]
    : undefined;
  const rows: [string, string][] = [
    [t.purpose, purpose === undefined ? '' : t.purposeOf(purpose.plain, purpose.article)],
    [t.fields, said.fields],
    [t.office, said.office],
    [t.staff, said.staff],
    [t.why, said.refusal],
  ];
  return (
    <dl className="text-std-16N-170 mt-1 grid grid-cols-[6rem_minmax(0,1fr)] gap-x-3 sm:grid-cols-[8rem_1fr]">
      {rows
        .filter(([, value]) => value !== '')
        .map(([name, value]) => (
          <div key={name} className="contents">
            <dt className="text-solid-gray-700">{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

function Expert({ checked: { entry, verdict } }: { checked: CheckedEntry }) {
  const t = usePortalWords().looked;
  const { language } = useLanguage();
  const head = verdict.mark === 'green' ? verdict.head : undefined;
  const rows: [string, string][] = [
    [t.experts.municipality, entry.municipality],
    [t.experts.index, String(entry.index)],
    [t.experts.kind, verdict.content?.kind ?? entry.keptBack?.kind ?? ''],
    [t.experts.basis, String(verdict.content?.body['basis'] ?? '')],
    [t.experts.terminal, String(verdict.content?.body['terminal'] ?? '')],
    [t.experts.leaf, entry.leafHash],
    [t.experts.size, head === undefined ? '' : String(head.size)],
    [t.experts.root, head?.root ?? ''],
    ...(head?.witnesses ?? []).map(({ name, at }): [string, string] => [
      t.experts.witness,
      `${name} ${at === undefined ? '' : momentInWords(at, language)}`,
    ]),
    [t.experts.reason, verdict.mark === 'red' ? (verdict.reason ?? verdict.fault) : ''],
  ];
  return (
    <details>
      <summary className="text-std-16N-170 inline-flex min-h-11 cursor-pointer items-center text-key-900 underline">
        {t.expert}
      </summary>
      <dl className="text-dns-14N-130 grid gap-x-4 gap-y-1 break-all sm:grid-cols-[10rem_1fr]">
        {rows
          .filter(([, value]) => value !== '')
          .map(([name, value]) => (
            <div key={`${name}${value}`} className="contents">
              <dt className="text-solid-gray-700">{name}</dt>
              <dd className="font-mono">{value}</dd>
            </div>
          ))}
      </dl>
    </details>
  );
}
