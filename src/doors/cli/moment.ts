import { UsageError } from './exit-codes.ts';

const form = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,3}))?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * A moment as typed, ISO 8601 with date and time: milliseconds since 1970. Without a zone it is Japan's time (UTC+9).
 * @throws UsageError
 */
export function parseMoment(text: string, named: string): number {
  const found = form.exec(text.trim());
  const [, year, month, day, hour, minute, second = '00', fraction = '0', zone = '+09:00'] = found ?? [];
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction.padEnd(3, '0')}`;
  const ms = found === null ? Number.NaN : Date.parse(`${local}${offset}`);
  // Date.parse takes 31 June for 1 July.
  if (Number.isNaN(ms) || new Date(Date.parse(`${local}Z`)).toISOString() !== `${local}Z`) {
    throw new UsageError({
      ja: `${named} は日時です（例 2026-04-01T09:30、時差がなければ日本時間）`,
      en: `${named} is a date and time such as 2026-04-01T09:30 (Japan's time unless a zone is given)`,
    });
  }
  return ms;
}

/** `2026-04-01 09:30:00 +09:00`, whatever the machine's own zone. */
export function japanTime(moment: string | number): string {
  const ms = typeof moment === 'number' ? moment : Date.parse(moment);
  return `${new Date(ms + 9 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')} +09:00`;
}
