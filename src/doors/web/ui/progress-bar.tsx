import type { ReactNode } from 'react';

/** The browser's own progress element: `value` of `max`, or under way without an end in sight. */
export function ProgressBar({
  label,
  value,
  max,
  text,
}: {
  label: string;
  value: number | null;
  max: number;
  text: ReactNode;
}) {
  return (
    <div className="flex flex-col gap-1">
      <div className="text-std-16N-170 flex flex-wrap justify-between gap-x-4">
        <span>{label}</span>
        <span className="tabular-nums">{text}</span>
      </div>
      <progress
        aria-label={label}
        {...(value === null ? {} : { value })}
        max={max}
        className="h-3 w-full appearance-none overflow-hidden rounded-full bg-solid-gray-100 accent-key-900 [&::-moz-progress-bar]:bg-key-900 [&::-webkit-progress-bar]:bg-solid-gray-100 [&::-webkit-progress-value]:bg-key-900"
      />
    </div>
  );
}
