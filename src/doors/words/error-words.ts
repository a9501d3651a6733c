/** What a person is told when something went wrong: four short texts, each answering one question. */
export interface ErrorWords {
  /** A heading of a few words. */
  readonly title: string;
  /** What happened? */
  readonly happened: string;
  /** What was not lost or opened? Said each time, for it is the first thing a desk asks. */
  readonly kept: string;
  /** What do I do now? */
  readonly next: string;
}
