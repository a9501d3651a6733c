import { useQuery } from '@tanstack/react-query';
import type { Policy } from '../../../core/journal/verify/index.ts';
import { usePortal } from './session.tsx';

/** The public keys by municipality: the one thing the page takes on trust, and shows with fingerprints. */
export function useKeys() {
  const client = usePortal();
  return useQuery({
    queryKey: ['keys'],
    queryFn: async (): Promise<ReadonlyMap<string, Policy>> => {
      const { journals } = await client.keys();
      return new Map(journals.map(({ municipality, ...policy }) => [municipality, policy]));
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
}
