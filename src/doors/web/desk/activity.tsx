import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { useLanguage } from '../ui/language.tsx';
import { Notice } from '../ui/notice.tsx';
import { Section } from '../ui/page.tsx';
import { ProblemNotice } from '../ui/problem.tsx';
import { Table } from '../ui/table.tsx';
import { dateInWords, isoInTokyo } from '../ui/typed-date.ts';
import { ActivityChart } from './activity-chart.tsx';
import { hoursOfDay, series, startOfDay } from './hours-of-day.ts';
import { useDesk } from './session.tsx';
import { useOfficeWords } from './words.ts';

const dayMs = 24 * 3_600_000;

/** One day by its hours: a chart, and the same as a table. */
export function Activity() {
  const t = useOfficeWords().journal;
  const { language } = useLanguage();
  const client = useDesk();
  const today = startOfDay(Date.now());
  const [day, setDay] = useState(today);
  const [asTable, setAsTable] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['activity', day],
    queryFn: () => client.journalActivity({ body: { from: day, to: day + dayMs } }),
  });
  const title = t.activityOf(dateInWords(isoInTokyo(day), language));
  const hours = hoursOfDay(day, data?.hours ?? []);
  return (
    <Section title={t.activity}>
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <Button look="outline" size="sm" onClick={() => setDay(day - dayMs)}>
          {t.earlier}
        </Button>
        <span className="text-std-16B-170" aria-live="polite">
          {dateInWords(isoInTokyo(day), language)}
        </span>
        <Button look="outline" size="sm" disabled={day >= today} onClick={() => setDay(day + dayMs)}>
          {t.later}
        </Button>
        <Button look="text" size="sm" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? t.asChart : t.asTable}
        </Button>
      </div>
      <ProblemNotice error={error} />
      {data?.whole === false && <Notice kind="info" title={t.notWhole} live />}
      {data !== undefined &&
        (asTable ? (
          <Table
            caption={title}
            rows={hours.map((hour, i) => ({ ...hour, hour: i }))}
            rowKey={({ at }) => String(at)}
            empty=""
            columns={[
              { key: 'hour', title: t.day, heads: true, cell: ({ hour }) => t.hour(hour) },
              ...series.map((name) => ({
                key: name,
                title: t.series[name],
                numeric: true,
                cell: (hour: (typeof hours)[number]) => hour[name],
              })),
            ]}
          />
        ) : (
          <ActivityChart title={title} hours={hours} total={data.total} />
        ))}
    </Section>
  );
}
