import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useAct } from './act.ts';
import { Button } from './button.tsx';
import { Actions, Dialog } from './dialog.tsx';

const idleMs = 15 * 60_000;
const warnMs = 2 * 60_000;

/**
 * The gate ends an idle session; the page says so before, and empties itself when it is over. `ask` is a request that counts
 * as use; `forget` must be the same function each time.
 */
export function IdleWatch({
  t,
  client,
  ask,
  forget,
}: {
  t: { idle: string; idleText: string; stay: string };
  client: { readonly lastUsedAt: number };
  ask: () => Promise<unknown>;
  forget: (queries: QueryClient) => void;
}) {
  const queries = useQueryClient();
  const act = useAct();
  const [warning, setWarning] = useState(false);
  useEffect(() => {
    const timer = setInterval(() => {
      const idle = Date.now() - client.lastUsedAt;
      setWarning(idle > idleMs - warnMs);
      if (idle > idleMs) forget(queries);
    }, 5_000);
    return () => clearInterval(timer);
  }, [client, forget, queries]);
  const stay = () => act.run(ask, () => setWarning(false));
  return (
    <Dialog title={t.idle} open={warning} onClose={stay}>
      <p className="text-std-16N-170">{t.idleText}</p>
      <Actions>
        <Button busy={act.busy} onClick={stay}>
          {t.stay}
        </Button>
      </Actions>
    </Dialog>
  );
}
