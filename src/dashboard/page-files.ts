import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A file of the page as it is served. */
export interface PageFile {
  readonly type: string
  readonly bytes: Uint8Array
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
}

const directory = fileURLToPath(new URL('page/', import.meta.url))
const start = 'index.html'
const library = 'preact.mjs'

/** Everything that the page is made of, by its path: nothing else is served, whatever a request is called. */
export async function pageFiles(): Promise<ReadonlyMap<string, PageFile>> {
  const names = readdirSync(directory).filter((name) => isServed(name))
  const files = new Map<string, PageFile>()
  for (const name of names) files.set(`/${name}`, await pageFile(name))
  files.set(`/${library}`, {
    type: types['.mjs']!,
    bytes: await readFile(new URL(import.meta.resolve('preact'))),
  })
  files.set('/', files.get(`/${start}`)!)
  // In a checkout there is no JavaScript of it: the page still asks for its main module by the name that it will have.
  const main = files.get('/main.ts')
  if (main) files.set('/main.js', main)
  return files
}

function isServed(name: string): boolean {
  return extname(name) in types && !name.endsWith('.d.ts')
}

async function pageFile(name: string): Promise<PageFile> {
  const bytes = await readFile(`${directory}${name}`)
  const type = types[extname(name)]!
  if (!name.endsWith('.ts')) return { type, bytes }
  const { stripTypeScriptTypes } = await import('node:module')
  return { type, bytes: Buffer.from(stripTypeScriptTypes(bytes.toString())) }
}
