import { maxNameBytes } from '../../terms/name.ts'
import type { Name } from '../../terms/name.ts'
import { damaged } from '../format-error.ts'

/** A name that may stand in a directory. Throws FormatError for all others. */
export function checkedName(text: string): Name {
  const isBad =
    text.length === 0 ||
    text.length > maxNameBytes ||
    text === '.' ||
    text === '..' ||
    text.includes('/') ||
    text.includes('\0')
  if (isBad) throw damaged(`no name of a file: ${JSON.stringify(text.slice(0, 300))}`)
  return text as Name
}

/** A name that an extended attribute may have. */
export function checkedXattrName(text: string): Name {
  if (text.length === 0 || text.length > maxNameBytes || text.includes('\0')) {
    throw damaged(`no name of an extended attribute: ${JSON.stringify(text.slice(0, 300))}`)
  }
  return text as Name
}
