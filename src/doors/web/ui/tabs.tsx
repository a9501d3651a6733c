import type { ReactNode } from 'react';
import { Tabs as AriaTabs, Tab, TabList, TabPanel } from 'react-aria-components/Tabs';

/** Panels behind tabs; arrow keys move between them. */
export function Tabs({
  label,
  tabs,
  selected,
  onSelect,
}: {
  label: string;
  tabs: readonly { id: string; title: ReactNode; panel: ReactNode }[];
  selected?: string;
  onSelect?: (id: string) => void;
}) {
  return (
    <AriaTabs
      {...(selected === undefined ? {} : { selectedKey: selected })}
      {...(onSelect === undefined
        ? {}
        : { onSelectionChange: (key: string | number) => onSelect(String(key)) })}
    >
      <TabList aria-label={label} className="flex flex-wrap border-b border-solid-gray-420">
        {tabs.map(({ id, title }) => (
          <Tab
            key={id}
            id={id}
            className="text-std-16B-170 min-h-11 cursor-pointer border-b-4 border-transparent px-4 py-2 text-key-1000 data-[hovered]:bg-key-50 data-[selected]:border-key-900 data-[selected]:text-black data-[focus-visible]:outline-4 data-[focus-visible]:-outline-offset-2 data-[focus-visible]:outline-black"
          >
            {title}
          </Tab>
        ))}
      </TabList>
      {tabs.map(({ id, panel }) => (
        <TabPanel key={id} id={id} className="pt-5">
          {panel}
        </TabPanel>
      ))}
    </AriaTabs>
  );
}
