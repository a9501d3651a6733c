import { Button } from './button.tsx';
import { useUiWords } from './words.ts';

/** Back and on through pages whose count nobody knows: a journal grows while one reads. */
export function Pagination({
  page,
  onPrevious,
  onNext,
}: {
  /** From 1. */
  page: number;
  onPrevious?: (() => void) | undefined;
  onNext?: (() => void) | undefined;
}) {
  const t = useUiWords();
  return (
    <nav aria-label={t.pages.label} className="mt-4 flex flex-wrap items-center gap-4">
      <Button look="outline" size="sm" disabled={onPrevious === undefined} onClick={onPrevious}>
        {t.pages.previous}
      </Button>
      <span aria-current="page" className="text-std-16N-170">
        {t.pages.current(page)}
      </span>
      <Button look="outline" size="sm" disabled={onNext === undefined} onClick={onNext}>
        {t.pages.next}
      </Button>
    </nav>
  );
}
