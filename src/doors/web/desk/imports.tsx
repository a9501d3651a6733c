import { useQuery } from '@tanstack/react-query';
import { type SyntheticEvent, useState } from 'react';
import type { ImportState } from '../../api/client.gen.ts';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Checkbox } from '../ui/choices.tsx';
import { controlLook, FieldFrame, useFieldIds } from '../ui/field.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { useLanguage } from '../ui/language.tsx';
import { momentInWords } from '../ui/moment.ts';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { useUiWords } from '../ui/words.ts';
import { CaseNeeded } from './case-needed.tsx';
import { ImportProgress } from './import-progress.tsx';
import { useCases, useDesk, usePurposes } from './session.tsx';
import { useDeskWords, useOfficeWords } from './words.ts';

type Encoding = 'auto' | 'utf-8' | 'cp932';

/** Sends a resident file and follows its import. */
export function Imports() {
  const words = useDeskWords();
  const t = useOfficeWords().imports;
  const ui = useUiWords();
  const client = useDesk();
  const [started, setStarted] = useState<ImportState | null>(null);
  const state = useQuery({
    queryKey: ['import', started?.importId],
    queryFn: () => client.importState({ importId: started!.importId }),
    enabled: started !== null,
    // While it runs, once a second; an office that knows nothing of it (any more) is not asked for ever.
    refetchInterval: ({ state: { data, status } }) =>
      status !== 'error' && (data === undefined || data.state === 'running') ? 1_000 : false,
  });
  return (
    <Page title={t.title} site={words.site} lead={t.lead}>
      {started === null ? (
        <ImportForm onStarted={setStarted} />
      ) : (
        <>
          <ProblemNotice error={state.error}>
            <Button look="outline" onClick={() => void state.refetch()}>
              {ui.again}
            </Button>
          </ProblemNotice>
          <ImportProgress state={state.data ?? started} onAgain={() => setStarted(null)} />
        </>
      )}
    </Page>
  );
}

function ImportForm({ onStarted }: { onStarted: (state: ImportState) => void }) {
  const t = useOfficeWords().imports;
  const { language } = useLanguage();
  const client = useDesk();
  const act = useAct();
  const purposes = usePurposes();
  const cases = useCases();
  const [caseId, setCaseId] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [encoding, setEncoding] = useState<Encoding>('auto');
  const [acceptGood, setAcceptGood] = useState(false);
  const [tried, setTried] = useState(false);
  const writes = new Set(
    purposes.filter((each) => each.roles.includes('registrar')).map((each) => each.purpose),
  );
  const usable = (cases.data ?? []).filter((each) => each.mine && !each.closed && writes.has(each.purpose));
  if (cases.data !== undefined && usable.length === 0) return <CaseNeeded text={t.noCase} />;
  const chosen = usable.find((each) => each.caseId === caseId) ?? usable[0];
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    if (file === null || chosen === undefined) return;
    act.run(
      () =>
        client.importResidents({
          caseId: chosen.caseId,
          body: file,
          acceptGood: acceptGood ? 'true' : 'false',
          ...(encoding === 'auto' ? {} : { encoding }),
        }),
      onStarted,
    );
  };
  const titles = new Map(purposes.map((each) => [each.purpose, each.title[language]]));
  return (
    <form className="max-w-2xl space-y-5" onSubmit={submit} noValidate>
      <SelectField
        label={t.case}
        hint={t.caseHint}
        required
        value={chosen?.caseId ?? ''}
        onChange={(event) => setCaseId(event.target.value)}
        options={usable.map((each) => ({
          value: each.caseId,
          text: `${momentInWords(each.openedAt, language)} ${titles.get(each.purpose) ?? each.purpose}`,
        }))}
      />
      <FileField onFile={setFile} error={tried && file === null ? t.fileError : undefined} />
      <SelectField
        label={t.encoding}
        required
        value={encoding}
        onChange={(event) => setEncoding(event.target.value as Encoding)}
        options={(['auto', 'utf-8', 'cp932'] as const).map((value) => ({ value, text: t.encodings[value] }))}
      />
      <Checkbox checked={acceptGood} onChange={setAcceptGood}>
        {t.acceptGood}
      </Checkbox>
      <Button type="submit" busy={act.busy}>
        {t.submit}
      </Button>
      {act.busy && <Notice kind="info" title={t.sending} live />}
      <ProblemNotice error={act.error} />
    </form>
  );
}

function FileField({ onFile, error }: { onFile: (file: File | null) => void; error: string | undefined }) {
  const t = useOfficeWords().imports;
  const ids = useFieldIds({ hint: undefined, error });
  return (
    <FieldFrame label={t.file} required ids={ids} error={error}>
      <input
        id={ids.id}
        type="file"
        accept=".csv,text/csv"
        aria-invalid={error === undefined ? undefined : true}
        aria-describedby={ids.describedBy}
        onChange={(event) => onFile(event.target.files?.[0] ?? null)}
        className={controlLook}
      />
    </FieldFrame>
  );
}
