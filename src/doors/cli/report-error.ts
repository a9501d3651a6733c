import { asSekishoError } from '../../ground/errors.ts';
import { type Language, wordError } from '../words/index.ts';
import { exitCodes, exitCodeWords, exitNameOf, UsageError } from './exit-codes.ts';
import { printable } from './lay-out.ts';

export interface ErrorReport {
  exitCode: number;
  /** For stderr, each without its line end. */
  lines: string[];
}

const headings = {
  happened: { ja: '何が起きたか', en: 'What happened' },
  kept: { ja: '失われていないもの', en: 'What was not lost' },
  next: { ja: '次にすること', en: 'What to do' },
  help: { ja: '使い方は', en: 'For help:' },
};

/** What stderr says about an error: words for a person, or with --json one line for a program. */
export function reportError(
  error: unknown,
  o: { language: Language; json: boolean; interrupted: boolean; command: string },
): ErrorReport {
  const exit = exitNameOf(error, o.interrupted);
  const exitCode = exitCodes[exit];
  if (exit === 'interrupted' || exit === 'usage') {
    const detail = error instanceof UsageError ? error.words[o.language] : exitCodeWords[exit][o.language];
    if (o.json) return { exitCode, lines: [JSON.stringify({ error: { class: exit, detail, exitCode } })] };
    const lines = [
      `${exitCodeWords[exit][o.language]}${detail === exitCodeWords[exit][o.language] ? '' : `: ${detail}`}`,
    ];
    if (exit === 'usage') lines.push(`${headings.help[o.language]} ${o.command} --help`);
    return { exitCode, lines: lines.map(printable) };
  }
  const words = wordError(error, o.language);
  if (o.json) {
    const { kind, title, happened, kept, next } = words;
    const facts = asSekishoError(error).facts;
    const body = { kind, class: words.class, title, happened, kept, next, facts, exitCode };
    return { exitCode, lines: [JSON.stringify({ error: body })] };
  }
  const facts = words.details.map(({ label, value }) => `${label}: ${value}`).join(', ');
  return {
    exitCode,
    lines: [
      `${words.title}${facts === '' ? '' : ` (${facts})`}`,
      `  ${headings.happened[o.language]}: ${words.happened}`,
      `  ${headings.kept[o.language]}: ${words.kept}`,
      `  ${headings.next[o.language]}: ${words.next}`,
    ].map(printable),
  };
}
