import { Button } from './button.tsx';
import { Notice } from './notice.tsx';
import { useUiWords } from './words.ts';

/** Instead of a screen that could not be drawn. */
export function Broken() {
  const t = useUiWords().broken;
  return (
    <Notice kind="error" title={t.title} live>
      <p className="mb-4">{t.text}</p>
      <Button look="outline" onClick={() => window.location.reload()}>
        {t.reload}
      </Button>
    </Notice>
  );
}
