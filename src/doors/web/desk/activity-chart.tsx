import { useId } from 'react';
import type { Hour } from './desk-client.ts';
import { type Bar, barsOf, type Series, series } from './hours-of-day.ts';
import { useOfficeWords } from './words.ts';

const plot = { width: 960, height: 220, left: 44, top: 16, bottom: 28 };
/** Tellable apart by lightness too; refusals are hatched and stand beside the rest. */
const fills: Record<Series, string> = {
  opened: 'fill-blue-900',
  searched: 'fill-blue-400',
  written: 'fill-green-700',
  refused: 'fill-red-900',
};

/** Lines an hour as bars. The same numbers stand in the table that the button beside it shows. */
export function ActivityChart({
  title,
  hours,
  total,
}: {
  title: string;
  hours: readonly Hour[];
  total: Omit<Hour, 'at'>;
}) {
  const t = useOfficeWords().journal;
  const id = useId();
  const hatch = `${id}-hatch`;
  const { bars, top } = barsOf(hours, plot.width, plot.height);
  const said = series.map((name) => `${t.series[name]} ${total[name]}`).join(', ');
  return (
    <figure>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1) */}
      <section aria-label={title} tabIndex={0} className="overflow-x-auto">
        <svg
          viewBox={`0 0 ${plot.left + plot.width} ${plot.top + plot.height + plot.bottom}`}
          role="img"
          aria-labelledby={`${id}-title`}
          className="h-auto w-full min-w-160"
        >
          <title id={`${id}-title`}>{`${title}: ${said}`}</title>
          <Hatch id={hatch} />
          <g transform={`translate(${plot.left} ${plot.top})`}>
            <Axes hours={hours} top={top} />
            {bars.map((bar) => (
              <BarMark key={`${bar.series}${bar.hour}`} bar={bar} hatch={hatch} />
            ))}
          </g>
        </svg>
      </section>
      <figcaption className="text-std-16N-170 mt-2 flex flex-wrap gap-x-6 gap-y-1">
        {series.map((name) => (
          <span key={name} className="inline-flex items-center gap-2">
            <svg viewBox="0 0 16 16" aria-hidden="true" className="size-4">
              <rect
                width="16"
                height="16"
                {...(name === 'refused' ? { fill: `url(#${hatch})` } : { className: fills[name] })}
              />
            </svg>
            {t.series[name]} {total[name]}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

function Hatch({ id }: { id: string }) {
  return (
    <defs>
      <pattern id={id} width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <rect width="6" height="6" className="fill-red-100" />
        <rect width="3" height="6" className="fill-red-900" />
      </pattern>
    </defs>
  );
}

function Axes({ hours, top }: { hours: readonly Hour[]; top: number }) {
  const t = useOfficeWords().journal;
  const step = plot.width / hours.length;
  return (
    <>
      {[0, 0.5, 1].map((part) => (
        <g key={part} transform={`translate(0 ${plot.height * (1 - part)})`}>
          <line x2={plot.width} className="stroke-solid-gray-300" strokeWidth={1} />
          <text x={-8} dy="0.35em" textAnchor="end" fontSize={14} className="fill-solid-gray-700">
            {top * part}
          </text>
        </g>
      ))}
      {hours.map(({ at }, i) =>
        i % 3 === 0 ? (
          <text
            key={at}
            x={i * step + step / 2}
            y={plot.height + 20}
            textAnchor="middle"
            fontSize={14}
            className="fill-solid-gray-700"
          >
            {t.hour(i)}
          </text>
        ) : null,
      )}
    </>
  );
}

/** A refusal carries its number: one among hundreds of acts is a few pixels high. */
function BarMark({ bar, hatch }: { bar: Bar; hatch: string }) {
  const { x, y, width, height } = bar;
  if (bar.series !== 'refused')
    return <rect x={x} y={y} width={width} height={height} className={fills[bar.series]} />;
  return (
    <>
      <rect
        x={x}
        y={y}
        width={width}
        height={height}
        fill={`url(#${hatch})`}
        stroke="currentColor"
        className="text-red-900"
      />
      <text x={x + width / 2} y={y - 4} textAnchor="middle" fontSize={13} className="fill-red-900 font-700">
        {bar.count}
      </text>
    </>
  );
}
