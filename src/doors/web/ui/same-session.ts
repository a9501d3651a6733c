import { useEffect, useRef } from 'react';

/**
 * Looks again whose session it is whenever the page comes back into view: another tab may have signed out, or somebody else in,
 * and what stands here is then not his. A page that the browser kept whole and brings back begins anew in any case.
 * @param same answers whether the session is still the one the page was made for
 */
export function useSameSession(same: () => Promise<boolean>): void {
  const latest = useRef(same);
  latest.current = same;
  useEffect(() => {
    const look = async () => {
      if (document.visibilityState === 'visible' && !(await latest.current())) window.location.reload();
    };
    const looks = () => void look();
    const restored = (event: PageTransitionEvent) => {
      if (event.persisted) window.location.reload();
    };
    document.addEventListener('visibilitychange', looks);
    window.addEventListener('focus', looks);
    window.addEventListener('pageshow', restored);
    return () => {
      document.removeEventListener('visibilitychange', looks);
      window.removeEventListener('focus', looks);
      window.removeEventListener('pageshow', restored);
    };
  }, []);
}
