import { type ReactNode, useEffect, useRef } from 'react';

/**
 * A page's heading and title. On arrival the focus goes to the heading, so that a screen reader begins there. The title
 * is made of words alone: nothing about a person may come into it.
 */
export function Page({
  title,
  site,
  lead,
  children,
}: {
  title: string;
  site: string;
  lead?: ReactNode;
  children: ReactNode;
}) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} | ${site}`;
  }, [title, site]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, []);
  return (
    <>
      <h1 ref={heading} tabIndex={-1} className="text-std-28B-150 mb-2 sm:text-std-32B-150">
        {title}
      </h1>
      {lead !== undefined && <p className="text-std-16N-170 mb-6 max-w-3xl text-solid-gray-700">{lead}</p>}
      {children}
    </>
  );
}

/** The page's content, where the skip link leads. */
export function Main({ children }: { children: ReactNode }) {
  return (
    <main id="content" tabIndex={-1} className="mx-auto w-full max-w-6xl flex-1 px-4 pt-6 pb-16">
      {children}
    </main>
  );
}

/** A part of a page under its own heading. */
export function Section({ title, children, id }: { title: ReactNode; children: ReactNode; id?: string }) {
  return (
    <section id={id} className="mt-8 first:mt-0">
      <h2 className="text-std-22B-150 mb-3">{title}</h2>
      {children}
    </section>
  );
}
