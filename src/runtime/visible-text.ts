/** Controls (C0, DEL, C1), line ends of Unicode, halves of surrogate pairs, and what turns the direction of text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/gu

/**
 * Text for one line of a terminal or a log, whoever has written it: what would move the cursor, end the line, colour, or turn text around
 * stands there as JSON would say it (`\n`, `\u001b`). All other text stays as it is.
 */
export function visibleText(text: string): string {
  return text.replaceAll(unsafe, escaped)
}

/** The same of text of several lines. JSON stays the same value. */
export function visibleLines(text: string): string {
  return text.split('\n').map(visibleText).join('\n')
}

function escaped(character: string): string {
  const json = JSON.stringify(character).slice(1, -1)
  if (json !== character) return json
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`
}
