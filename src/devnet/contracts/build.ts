import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bytecodeFile } from '../chain/framework/build.ts'
import { compileAt, readSources } from '../chain/framework/compile.ts'
import { walPackage, walrusOriginal } from './addresses.ts'

/** Bytecode of the devnet's WAL and Walrus, compiled from the sources in `move/`. */
export async function compileContracts(): Promise<string[]> {
  const sources = readSources(join(import.meta.dirname, 'move'))
  return await compileAt(
    { wal: walPackage, walrus: walrusOriginal },
    Object.fromEntries(Object.entries(sources).map(([path, text]) => [`sources/${path}`, text])),
    true,
  )
}

if (process.argv[1] === import.meta.filename) {
  const text = bytecodeFile('The bytecode of WAL and Walrus, base64.', await compileContracts())
  writeFileSync(join(import.meta.dirname, 'bytecode.ts'), text)
}
