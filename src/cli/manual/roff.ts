/** A manual page as roff with the man macros, which groff and mandoc read alike. */
export interface Page {
  readonly name: string
  readonly section: 1 | 5 | 8
  readonly text: string
}

export interface PageHead {
  readonly name: string
  readonly section: Page['section']
  readonly describe: string
  /** When it was made. */
  readonly date: Date
  readonly version: string
}

/** A page of these blocks. */
export function page(head: PageHead, ...blocks: readonly (readonly string[])[]): Page {
  const { name, section, describe, date, version } = head
  const day = date.toISOString().slice(0, 10)
  const lines = [
    `.TH ${plain(name).toUpperCase()} ${section} ${day} "walrusfs ${version}" "walrusfs"`,
    ...part('name', [`${plain(name)} \\- ${plain(lowerFirst(describe))}`]),
    ...blocks.flat(),
  ]
  return { name, section, text: `${lines.join('\n')}\n` }
}

/** A part with a heading; nothing where nothing is in it. */
export function part(heading: string, lines: readonly string[]): string[] {
  const rest = lines[0] === '.PP' ? lines.slice(1) : lines
  return rest.length === 0 ? [] : [`.SH ${plain(heading.toUpperCase())}`, ...rest]
}

export function subpart(heading: string, lines: readonly string[]): string[] {
  return [`.SS ${plain(heading)}`, ...lines]
}

/** Text that is filled into paragraphs; a blank line begins one. */
export function prose(text: string): string[] {
  return text
    .split(/\n\n+/)
    .flatMap((paragraph, i) => [...(i ? ['.PP'] : []), ...paragraph.split('\n').map(line)])
}

/** Lines that stay as they are. */
export function literal(text: string): string[] {
  return ['.PP', '.RS 4', '.nf', ...text.split('\n').map(line), '.fi', '.RE']
}

/** A term, already roff, with what it means. */
export function item(term: string, meaning: string): string[] {
  return ['.TP', term, ...(meaning === '' ? ['\\&'] : prose(meaning))]
}

export const bold = (text: string) => `\\fB${plain(text)}\\fR`
export const italic = (text: string) => `\\fI${plain(text)}\\fR`

/** Text of ours as roff shows it, letter for letter. */
export function plain(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replaceAll('`', '\\(ga')
    .replaceAll("'", '\\(aq')
    .replaceAll('"', '\\(dq')
    .replaceAll(
      /[^\0-\x7f]/gu,
      (letter) => `\\[u${letter.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}]`,
    )
}

/** A line that would be taken for a request begins with a space of no width. */
function line(text: string): string {
  const shown = plain(text.trimEnd())
  return /^[.\\]/.test(shown) || shown === '' ? `\\&${shown}` : shown
}

function lowerFirst(text: string): string {
  return /^[A-Z][a-z]/.test(text) ? text[0]!.toLowerCase() + text.slice(1) : text
}
