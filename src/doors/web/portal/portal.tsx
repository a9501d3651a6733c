import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { router } from './router.tsx';
import { ClientProvider } from './session.tsx';

/** Nothing is kept once no screen shows it, and nothing is asked twice by itself: each request may be a line. */
const queries = new QueryClient({
  defaultOptions: { queries: { retry: false, gcTime: 0, staleTime: 10_000, refetchOnWindowFocus: false } },
});

/** The whole portal. */
export function Portal() {
  return (
    <QueryClientProvider client={queries}>
      <ClientProvider>
        <RouterProvider router={router} />
      </ClientProvider>
    </QueryClientProvider>
  );
}
