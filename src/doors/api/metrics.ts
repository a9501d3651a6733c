import { Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Metrics of the office. Labels are operation names and status classes: never a person, a member of staff or a terminal. */
export interface Metrics {
  readonly contentType: string;
  observe(operation: string, status: number, seconds: number): void;
  text(): Promise<string>;
}

/** @param sessionCount sessions that have not run out */
export function createMetrics(sessionCount: () => number): Metrics {
  const registry = new Registry();
  const requests = new Counter({
    name: 'sekisho_office_requests_total',
    help: 'Requests answered, by operation and class of status',
    labelNames: ['operation', 'status'] as const,
    registers: [registry],
  });
  const duration = new Histogram({
    name: 'sekisho_office_request_duration_seconds',
    help: 'Time to answer, by operation',
    labelNames: ['operation'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30],
    registers: [registry],
  });
  const sessions = new Gauge({
    name: 'sekisho_office_sessions',
    help: 'Sessions signed in through this office',
    registers: [registry],
    collect() {
      this.set(sessionCount());
    },
  });
  registry.registerMetric(sessions);
  return {
    contentType: registry.contentType,
    observe(operation, status, seconds) {
      requests.inc({ operation, status: `${Math.floor(status / 100)}xx` });
      duration.observe({ operation }, seconds);
    },
    text: () => registry.metrics(),
  };
}
