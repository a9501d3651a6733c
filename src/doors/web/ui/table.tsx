import type { ReactNode } from 'react';

export interface Column<Row> {
  key: string;
  title: string;
  cell: (row: Row) => ReactNode;
  /** Names the row: a `th` for screen readers. */
  heads?: boolean;
  numeric?: boolean;
}

/** A table; on a phone each row is a card with the column names in it. What is too wide scrolls by itself, by keyboard too. */
export function Table<Row>({
  caption,
  columns,
  rows,
  rowKey,
  empty,
  captionHidden = false,
}: {
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Said instead of a table without rows. */
  empty: ReactNode;
  captionHidden?: boolean;
}) {
  if (rows.length === 0) return <p className="text-std-16N-170 py-2 text-solid-gray-700">{empty}</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard (WCAG 2.1.1)
    <section aria-label={caption} tabIndex={0} className="overflow-x-auto">
      <table className="cards w-full border-collapse text-left">
        <caption className={captionHidden ? 'hidden-visually' : 'text-std-16B-170 pb-2 text-left'}>
          {caption}
        </caption>
        <thead>
          <tr className="border-b border-black bg-solid-gray-50">
            {columns.map(({ key, title, numeric }) => (
              <th
                key={key}
                scope="col"
                className={`text-std-16B-170 px-3 py-2 whitespace-nowrap ${numeric ? 'text-right' : ''}`}
              >
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} className="border-b border-solid-gray-420 align-top">
              {columns.map(({ key, title, cell, heads, numeric }) => {
                const look = `text-std-16N-170 px-3 py-2.5 ${numeric ? 'whitespace-nowrap tabular-nums sm:text-right' : ''}`;
                return heads ? (
                  <th key={key} scope="row" data-title={title} className={look}>
                    {cell(row)}
                  </th>
                ) : (
                  <td key={key} data-title={title} className={look}>
                    {cell(row)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
