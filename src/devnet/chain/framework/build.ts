import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileAt, readSources } from './compile.ts'

/** Bytecode of the devnet's `std` (0x1) and `sui` (0x2), compiled from the sources beside this file. */
export async function compileFramework(): Promise<string[]> {
  const sources: Record<string, string> = {}
  for (const name of ['move-stdlib', 'sui-framework'])
    for (const [path, text] of Object.entries(readSources(join(import.meta.dirname, name))))
      if (path.endsWith('.move')) sources[`sources/${name}-${path.replace('sources/', '')}`] = text
  return await compileAt({ std: '0x1', sui: '0x2' }, sources, false)
}

/** The text of a file that holds compiled modules. */
export function bytecodeFile(what: string, modules: readonly string[]): string {
  const lines = modules.map((module) => `  '${module}',\n`)
  return `/** ${what} Made by build.ts. */\nexport const modules: readonly string[] = [\n${lines.join('')}]\n`
}

const target = join(import.meta.dirname, 'bytecode.ts')
if (process.argv[1] === import.meta.filename) {
  const text = bytecodeFile('The bytecode of std and sui, base64.', await compileFramework())
  const before = readFileSync(target, { encoding: 'utf8', flag: 'a+' })
  if (text !== before) writeFileSync(target, text)
}
