import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { Machine, scratch, tool } from '../e2e/machine.ts'
import { differences, lacking, nightlyNetwork, Stopwatch } from './nightly.ts'

const skip = lacking({ npm: 'npm', tar: 'tar', rsync: 'rsync' })
const packages = 60
const network = await nightlyNetwork()

/** Without what an npm around this test says to npm. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.toLowerCase().startsWith('npm_')),
)

function npm(cwd: string, cache: string, ...args: string[]): string {
  const offline = ['--offline', '--no-audit', '--no-fund', '--cache', cache, '--loglevel=error']
  return tool('npm', [...args, ...offline], { cwd, env })
}

/** Tarballs that need each other, with programs and a script that runs at installation. */
function makeTarballs(directory: string): void {
  const tarball = (i: number) => `file:${join(directory, `part-${i}.tgz`)}`
  for (let i = 0; i < packages; i++) {
    const root = join(directory, `part-${i}`, 'package')
    mkdirSync(join(root, 'lib/deep/deeper'), { recursive: true })
    const below = [i * 2 + 1, i * 2 + 2].filter((child) => child < packages)
    write(
      root,
      'package.json',
      JSON.stringify({
        name: i % 4 ? `part-${i}` : `@scope/part-${i}`,
        version: `1.0.${i}`,
        main: 'index.js',
        bin: { [`part-${i}`]: 'cli.js' },
        scripts:
          i % 10 === 5
            ? { postinstall: `node -e "require('fs').writeFileSync('made', 'by a script')"` }
            : {},
        dependencies: Object.fromEntries(
          below.map((c) => [c % 4 ? `part-${c}` : `@scope/part-${c}`, tarball(c)]),
        ),
      }),
    )
    const sum = below.map((c) => `require('${c % 4 ? '' : '@scope/'}part-${c}')`)
    write(root, 'index.js', `module.exports = ${[i, ...sum].join(' + ')}\n`)
    write(root, 'cli.js', `#!/usr/bin/env node\nconsole.log(require('./index.js'))\n`)
    for (let file = 0; file < 25; file++) {
      write(root, `lib/deep/deeper/file-${file}.js`, `// ${file}\n`.repeat(file * 20))
    }
    tool('tar', ['-czf', join(directory, `part-${i}.tgz`), '-C', join(root, '..'), 'package'])
  }
}

function write(root: string, name: string, text: string): void {
  writeFileSync(join(root, name), text)
}

const sum = `${(packages * (packages - 1)) / 2}\n`

test('npm installs, reinstalls and finds what it installed', { skip }, async (t) => {
  const host = scratch(t)
  const tarballs = join(host, 'tarballs')
  makeTarballs(tarballs)
  const machine = await network!.withDrive(t)
  const mount = await machine.mount('demo', '--writeback-delay', '1s')
  const watch = new Stopwatch(`npm install and npm ci of ${packages} packages`)
  const project = join(mount, 'project')
  for (const where of [join(host, 'project'), project]) {
    mkdirSync(where)
    write(where, 'package.json', `{ "name": "project", "version": "1.0.0" }`)
    watch.start()
    const cache = join(where, '../npm-cache')
    npm(where, cache, 'install', `file:${join(tarballs, 'part-0.tgz')}`)
    npm(where, cache, 'ci')
    npm(where, cache, 'ls', '--all')
    watch.lap(where === project ? 'mount' : 'host')
  }
  t.comment(watch.toString())
  t.equal(tool(join(project, 'node_modules/.bin/part-0'), []), sum, 'a program of it runs')
  // The hidden lock file names the tarballs relative to itself.
  const timesAndPaths = /^\.[dfL]\.\.t|\.package-lock\.json$/
  t.same(
    differences(join(host, 'project/node_modules'), join(project, 'node_modules'), timesAndPaths),
    [],
    'the same as on the host’s disk',
  )
  npm(project, join(mount, 'npm-cache'), 'cache', 'verify')
  await machine.ok('sync', mount)

  const there = await new Machine(t, machine).mount('demo', '--read-only')
  t.same(differences(mount, there), [], 'another machine shows the same')
  t.equal(tool(join(there, 'project/node_modules/.bin/part-0'), []), sum, 'and runs it')
})
