import type { ComponentChildren, RefObject, VNode } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { html } from './html.ts';

export interface VirtualListProps<Item> {
  readonly label: string;
  readonly items: readonly Item[];
  readonly rowHeight: number;
  readonly keyOf: (item: Item) => string;
  readonly renderRow: (item: Item) => ComponentChildren;
  readonly selected: string | undefined;
  readonly onSelect: (item: Item) => void;
  /** The end is near: load more. */
  readonly onEnd?: () => void;
  readonly onScrolledToTop?: (atTop: boolean) => void;
}

const OVERSCAN = 8;

/**
 * A listbox that has only the rows in its view in the document. Arrow keys, Page Up and Down, Home and
 * End move the selection; the list follows it.
 */
export function VirtualList<Item>(props: VirtualListProps<Item>): VNode {
  const { items, rowHeight, keyOf, selected, onSelect, onEnd, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const { first, last, rowsInView, onScroll } = useView(box, props);
  const index = items.findIndex((item) => keyOf(item) === selected);
  useLayoutEffect(() => {
    if (box.current && index >= 0) keepVisible(box.current, index, rowHeight);
  }, [selected]);
  useEffect(() => {
    if (last >= items.length && items.length > 0) onEnd?.();
  }, [last, items.length]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = moved(event.key, index, items.length, Math.max(1, rowsInView - 1));
    const item = next === undefined ? undefined : items[next];
    if (!item) return;
    event.preventDefault();
    onSelect(item);
  };
  return html`<div
    class="list"
    ref=${box}
    role="listbox"
    aria-label=${label}
    tabindex="0"
    onScroll=${onScroll}
    onKeyDown=${onKeyDown}
    aria-activedescendant=${index >= 0 ? rowId(label, selected) : undefined}
  >
    <div class="list-inner" style=${{ height: `${items.length * rowHeight}px` }}>
      ${items.slice(first, last).map((item, offset) => listRow(props, item, first + offset))}
    </div>
  </div>`;
}

/** Which rows are in view, as the box is scrolled and resized. */
function useView<Item>(
  box: RefObject<HTMLDivElement | null>,
  { items, rowHeight, onScrolledToTop }: VirtualListProps<Item>,
): { first: number; last: number; rowsInView: number; onScroll: () => void } {
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const onScroll = (): void => {
    const scrolled = box.current?.scrollTop ?? 0;
    setTop(scrolled);
    onScrolledToTop?.(scrolled < rowHeight);
  };
  return {
    first: Math.max(0, Math.floor(top / rowHeight) - OVERSCAN),
    last: Math.min(items.length, Math.ceil((top + height) / rowHeight) + OVERSCAN),
    rowsInView: Math.floor(height / rowHeight),
    onScroll,
  };
}

function listRow<Item>(props: VirtualListProps<Item>, item: Item, index: number): VNode {
  const { items, rowHeight, keyOf, renderRow, selected, onSelect, label } = props;
  const key = keyOf(item);
  return html`<div
    key=${key}
    id=${rowId(label, key)}
    role="option"
    aria-selected=${key === selected}
    aria-setsize=${items.length}
    aria-posinset=${index + 1}
    class=${key === selected ? 'row selected' : 'row'}
    style=${{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}
    onClick=${() => onSelect(item)}
  >
    ${renderRow(item)}
  </div>`;
}

function rowId(label: string, key: string | undefined): string {
  return `${label}-${key}`.replace(/[^\w-]/g, '_');
}

function keepVisible(element: HTMLElement, index: number, rowHeight: number): void {
  const rowTop = index * rowHeight;
  if (rowTop < element.scrollTop) element.scrollTop = rowTop;
  else if (rowTop + rowHeight > element.scrollTop + element.clientHeight)
    element.scrollTop = rowTop + rowHeight - element.clientHeight;
}

function moved(key: string, index: number, length: number, page: number): number | undefined {
  if (length === 0) return undefined;
  const clamp = (value: number): number => Math.min(Math.max(value, 0), length - 1);
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return clamp(index + 1);
    case 'ArrowUp':
    case 'k':
      return clamp(index - 1);
    case 'PageDown':
      return clamp(index + page);
    case 'PageUp':
      return clamp(index - page);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return undefined;
  }
}
