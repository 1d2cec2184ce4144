import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { windowed } from '../model/windowed.ts';

interface VirtualListProps {
  /** Of each row, in pixels. */
  readonly heights: readonly number[];
  readonly row: (index: number) => ComponentChildren;
  readonly label: string;
  /** This one is brought into view when it changes. */
  readonly selected?: number;
}

/** A long list in the page, of which only what is seen is drawn. */
export function VirtualList({ heights, row, label, selected }: VirtualListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ from: 0, to: 1_200 });
  useEffect(() => {
    const look = (): void => {
      const top = box.current?.getBoundingClientRect().top ?? 0;
      setSeen((known) =>
        known.from === -top && known.to === innerHeight - top ? known : { from: -top, to: innerHeight - top },
      );
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, []);
  useLayoutEffect(() => {
    if (selected === undefined || selected < 0 || box.current === null) return;
    const top = heights.slice(0, selected).reduce((total, height) => total + height, 0);
    const at = box.current.getBoundingClientRect().top + top;
    const height = heights[selected] ?? 0;
    if (at < 120) scrollBy(0, at - 120);
    else if (at + height > innerHeight - 80) scrollBy(0, at + height - innerHeight + 80);
  }, [selected]);
  const { first, end, top, height } = windowed(heights, seen.from, seen.to);
  const rows = [];
  for (let index = first; index < end; index += 1) rows.push(row(index));
  return (
    <div class="virtual" ref={box} style={{ height: `${height}px` }} role="list" aria-label={label}>
      <div style={{ transform: `translateY(${top}px)` }} role="presentation">
        {rows}
      </div>
    </div>
  );
}
