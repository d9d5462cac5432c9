export interface Column<T> {
  readonly title: string;
  readonly align?: 'right';
  readonly text: (row: T) => string;
}

/** Lines with a header; each column as wide as its widest cell. */
export const renderTable = <T>(columns: readonly Column<T>[], rows: readonly T[]): string[] => {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ text }) => text(row))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => line[at]?.length ?? 0)));
  return cells.map((line) =>
    line
      .map((cell, at) => {
        const width = widths[at] ?? 0;
        return columns[at]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
};
