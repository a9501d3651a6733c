import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, type SyntheticEvent, useState } from 'react';
import { useAct } from '../ui/act.ts';
import { Button } from '../ui/button.tsx';
import { toFirstFault } from '../ui/first-fault.ts';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { SelectField } from '../ui/select-field.tsx';
import { TextField } from '../ui/text-field.tsx';
import { useDesk, useSession } from './session.tsx';
import { useStepUp } from './step-up.tsx';
import { useDeskWords, useOfficeWords } from './words.ts';

const staffRoles = ['clerk', 'supervisor', 'registrar', 'officer', 'administrator'] as const;

/** As the gate takes names. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9.@-]{0,63}$/.test(text);

/** A new member of staff; a passkey follows by invitation. */
export function EnrolMember() {
  const words = useDeskWords();
  const t = useOfficeWords().people;
  const client = useDesk();
  const [role, setRole] = useState<(typeof staffRoles)[number]>('clerk');
  return (
    <EnrolForm
      title={t.addStaff}
      nameLabel={t.name}
      queryKey="staff"
      enrol={async (staff, office) => {
        const { enrolment } = await client.enrolStaff({ body: { staff, role, office } });
        return enrolment === null ? t.enrolled(staff) : t.waits(staff);
      }}
    >
      <SelectField
        label={t.role}
        required
        value={role}
        onChange={(event) => setRole(staffRoles.find((each) => each === event.target.value) ?? 'clerk')}
        options={staffRoles.map((value) => ({ value, text: words.roles[value] }))}
      />
    </EnrolForm>
  );
}

/** A new terminal; its browser follows by invitation. */
export function EnrolTerminal() {
  const t = useOfficeWords().people;
  const client = useDesk();
  return (
    <EnrolForm
      title={t.addTerminal}
      nameLabel={t.terminalName}
      queryKey="terminals"
      enrol={async (terminal, office) => {
        await client.enrolTerminal({ body: { terminal, office } });
        return t.terminalEnrolled(terminal);
      }}
    />
  );
}

function EnrolForm({
  title,
  nameLabel,
  queryKey,
  enrol,
  children,
}: {
  title: string;
  nameLabel: string;
  queryKey: string;
  /** Gives what is to be said of it. */
  enrol: (name: string, office: string) => Promise<string>;
  children?: ReactNode;
}) {
  const t = useOfficeWords().people;
  const queries = useQueryClient();
  const withStepUp = useStepUp();
  const act = useAct();
  const { office: mine } = useSession();
  const [name, setName] = useState('');
  const [office, setOffice] = useState(mine);
  const [tried, setTried] = useState(false);
  const [enrolled, setEnrolled] = useState<string | null>(null);
  const submit = (event: SyntheticEvent<HTMLFormElement>) => {
    event.preventDefault();
    toFirstFault(event.currentTarget);
    setTried(true);
    setEnrolled(null);
    if (!isName(name) || !isName(office)) return;
    act.run(
      () => withStepUp(() => enrol(name, office)),
      (said) => {
        setEnrolled(said);
        setName('');
        setTried(false);
        void queries.invalidateQueries({ queryKey: [queryKey] });
      },
    );
  };
  return (
    <Section title={title}>
      <form className="max-w-xl space-y-4" onSubmit={submit} noValidate>
        <TextField
          label={nameLabel}
          required
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={tried && !isName(name) ? t.nameError : undefined}
        />
        <TextField
          label={t.office}
          required
          value={office}
          onChange={(event) => setOffice(event.target.value)}
          error={tried && !isName(office) ? t.nameError : undefined}
        />
        {children}
        <Button type="submit" busy={act.busy}>
          {t.submit}
        </Button>
        {enrolled !== null && <Notice kind="success" title={enrolled} live />}
        <ProblemNotice error={act.error} />
      </form>
    </Section>
  );
}
