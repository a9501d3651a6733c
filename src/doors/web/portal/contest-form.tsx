import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { Actions, Dialog } from '../ui/dialog.tsx';
import { useLanguage } from '../ui/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { TextArea } from '../ui/text-field.tsx';
import { useUiWords } from '../ui/words.ts';
import { type About, groupName } from './about.ts';
import { usePortal } from './session.tsx';
import { usePortalWords } from './words.ts';

/** One text, sent to the desk of one's municipality. */
export function ContestForm({ about, onClose }: { about: About; onClose: () => void }) {
  const t = usePortalWords().contests.form;
  return (
    <Dialog title={t.title} open onClose={onClose}>
      <Form about={about} onClose={onClose} />
    </Dialog>
  );
}

function Form({ about, onClose }: { about: About; onClose: () => void }) {
  const t = usePortalWords().contests.form;
  const ui = useUiWords();
  const { language } = useLanguage();
  const client = usePortal();
  const queries = useQueryClient();
  const act = useAct();
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const [done, setDone] = useState(false);
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    setMissing(text.trim() === '');
    if (text.trim() === '') return;
    act.run(
      () => client.contest({ body: { about, text: text.trim() } }),
      () => {
        setDone(true);
        void queries.invalidateQueries({ queryKey: ['contests'] });
      },
    );
  };
  if (done)
    return (
      <>
        <Notice kind="success" title={t.done} live>
          <p>{t.doneText}</p>
        </Notice>
        <Actions>
          <Button onClick={onClose}>{ui.close}</Button>
          <Link to="/contests" className="text-std-16N-170 self-center">
            {t.toContests}
          </Link>
        </Actions>
      </>
    );
  return (
    <form onSubmit={submit} noValidate className="space-y-4">
      <p className="text-std-16N-170">
        {'line' in about ? t.line(about.line.index) : t.group(groupName(about.group, language))}
      </p>
      <TextArea
        label={t.text}
        hint={t.textHint}
        required
        rows={5}
        maxLength={2000}
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={missing ? t.missing : undefined}
      />
      <ProblemNotice error={act.error} />
      <Actions>
        <Button type="submit" busy={act.busy}>
          {t.submit}
        </Button>
        <Button look="outline" onClick={onClose}>
          {ui.cancel}
        </Button>
      </Actions>
    </form>
  );
}
