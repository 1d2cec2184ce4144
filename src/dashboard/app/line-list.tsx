import { useEffect, useRef, useState } from 'preact/hooks';
import type { ShownLine } from '../model/log-lines.ts';
import { clockText } from '../parts/time.tsx';

interface LineListProps {
  readonly lines: readonly ShownLine[];
  readonly isFollowing: boolean;
  /** Somebody has scrolled up: the log is not to run away. */
  readonly onLeave: () => void;
  /** The time of the line that a link points at. */
  readonly marked: string;
  readonly hasSlots: boolean;
}

/** As in the style sheet. */
const LINE_PX = 20;
const BEYOND = 30;

/** Lines in a window of their own, of which only what is seen is drawn. */
export function LineList({ lines, isFollowing, onLeave, marked, hasSlots }: LineListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: 600 });
  const [open, setOpen] = useState<ShownLine | null>(null);
  useEffect(() => {
    const { current } = box;
    if (current !== null && isFollowing) current.scrollTop = current.scrollHeight;
  }, [lines, isFollowing]);
  useEffect(() => {
    const at = lines.findIndex(({ time }) => time !== null && time === marked);
    if (at !== -1 && box.current !== null) box.current.scrollTop = Math.max(0, at - 5) * LINE_PX;
  }, [marked, lines.length]);
  const look = (): void => {
    const { current } = box;
    if (current === null) return;
    setSeen({ top: current.scrollTop, height: current.clientHeight });
    const left = current.scrollHeight - current.scrollTop - current.clientHeight;
    if (isFollowing && left > LINE_PX * 4) onLeave();
  };
  const first = Math.max(0, Math.floor(seen.top / LINE_PX) - BEYOND);
  const end = Math.min(lines.length, Math.ceil((seen.top + seen.height) / LINE_PX) + BEYOND);
  return (
    <>
      <div
        ref={box}
        class="lines"
        role="log"
        aria-label="Lines"
        aria-live="off"
        tabIndex={0}
        onScroll={look}
        onWheel={({ deltaY }) => deltaY < 0 && isFollowing && onLeave()}
      >
        <div style={{ height: `${lines.length * LINE_PX}px`, position: 'relative' }}>
          <div style={{ transform: `translateY(${first * LINE_PX}px)` }}>
            {lines.slice(first, end).map((line) => (
              <Line
                key={line.id}
                line={line}
                isMarked={line.time === marked && marked !== ''}
                hasSlots={hasSlots}
                onOpen={setOpen}
              />
            ))}
          </div>
        </div>
        {lines.length === 0 && <p class="muted nothing">No lines here yet.</p>}
      </div>
      {open !== null && (
        <div class="whole-line" role="region" aria-label="Whole line">
          <button type="button" class="plain" aria-label="Close the line" onClick={() => setOpen(null)}>
            ✕
          </button>
          <pre>{open.text}</pre>
        </div>
      )}
    </>
  );
}

interface LineProps {
  readonly line: ShownLine;
  readonly isMarked: boolean;
  readonly hasSlots: boolean;
  readonly onOpen: (line: ShownLine) => void;
}

function Line({ line, isMarked, hasSlots, onOpen }: LineProps) {
  const { time, slot, level, text, isNote } = line;
  return (
    <div
      class={`line ${level}${isMarked ? ' marked' : ''}${isNote === true ? ' note' : ''}`}
      onClick={() => onOpen(line)}
    >
      <span class="when">{time === null ? '' : clockText(time, true)}</span>
      {hasSlots && <span class="slot">{slot ?? ''}</span>}
      <span class="text">{text}</span>
    </div>
  );
}
