import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import {
  changelogText,
  controlText,
  copyrightText,
  lintianOverrides,
  maintainerOf,
  postinst,
  postrm,
  prerm,
  type PackageFacts,
} from './control.ts'
import { PackageTree } from './package-tree.ts'
import { manifestOf, productionPackages } from './production-packages.ts'

/**
 * `npm run deb [-- --fast]`: makes dist/walrusfs_VERSION_ARCH.deb of what `npm run build` has made and of what npm has installed. Nothing
 * is fetched. The same sources give the same bytes (SOURCE_DATE_EPOCH, or the last commit's time). --fast compresses little.
 */
const checkout = resolve(import.meta.dirname, '../../..')
const home = 'usr/lib/walrusfs'
const { version } = manifestOf(checkout)
const epoch = process.env['SOURCE_DATE_EPOCH'] ?? lastChange()
const env = { ...process.env, SOURCE_DATE_EPOCH: epoch }
const nodePackage = join(checkout, 'node_modules/node')
const node = realpathSync(join(nodePackage, 'bin/node'))
const main = join(checkout, 'dist/cli/main.js')

const root = mkdtempSync(join(tmpdir(), 'walrusfs-deb-'))
try {
  const tree = new PackageTree(root)
  layProgram(tree)
  layForSystem(tree)
  const facts = {
    version,
    architecture: said('dpkg', '--print-architecture').trim(),
    maintainer: maintainerOf(process.env),
  }
  layDocuments(tree, { ...facts, kib: 0 })
  const file = layControl(tree, facts)
  process.stdout.write(`${relative('', file)}: ${(statSync(file).size / 2 ** 20).toFixed(1)} MiB\n`)
} finally {
  rmSync(root, { recursive: true, force: true })
}

/** The program, its packages, and the Node.js that it runs on. */
function layProgram(tree: PackageTree): void {
  const built = join(checkout, 'dist')
  for (const room of readdirSync(built)) {
    // Manual pages go elsewhere, and packages that were made before nowhere.
    if (room === 'man' || !statSync(join(built, room)).isDirectory()) continue
    tree.copyProgram(join(built, room), join(home, 'dist', room))
  }
  tree.copy(join(checkout, 'package.json'), `${home}/package.json`)
  for (const { directory } of productionPackages(checkout)) {
    tree.copyProgram(directory, join(home, relative(checkout, directory)))
  }
  tree.copy(node, `${home}/node`, 0o755)
  const start = `#!/bin/sh\nexec /${home}/node /${home}/dist/cli/main.js "$@"\n`
  tree.write('usr/bin/walrusfs', start, 0o755)
}

/** What mount(8), systemd and shells look for. */
function layForSystem(tree: PackageTree): void {
  const systemd = join(checkout, 'systemd')
  tree.copy(join(systemd, 'mount.walrusfs'), 'usr/sbin/mount.walrusfs', 0o755)
  tree.copy(join(systemd, 'walrusfs@.service'), 'usr/lib/systemd/system/walrusfs@.service')
  tree.copy(join(systemd, 'user/walrusfs@.service'), 'usr/lib/systemd/user/walrusfs@.service')
  const completions = {
    bash: 'usr/share/bash-completion/completions/walrusfs',
    zsh: 'usr/share/zsh/vendor-completions/_walrusfs',
    fish: 'usr/share/fish/vendor_completions.d/walrusfs.fish',
  }
  for (const [shell, path] of Object.entries(completions)) {
    tree.write(path, said(node, main, 'completion', shell))
  }
}

function layDocuments(tree: PackageTree, facts: PackageFacts): void {
  const doc = 'usr/share/doc/walrusfs'
  const pages = mkdtempSync(join(tmpdir(), 'walrusfs-man-'))
  try {
    said(node, main, 'man', '--to', pages)
    for (const path of readdirSync(pages, { recursive: true, encoding: 'utf8' })) {
      const file = join(pages, path)
      if (statSync(file).isFile()) tree.gzip(`usr/share/man/${path}`, readFileSync(file, 'utf8'))
    }
  } finally {
    rmSync(pages, { recursive: true })
  }
  tree.copy(join(checkout, 'README.md'), `${doc}/README.md`)
  const guides = join(checkout, 'src/guides')
  for (const page of readdirSync(guides).sort()) {
    tree.copy(join(guides, page), `${doc}/guides/${page}`)
  }
  tree.write(`${doc}/examples/config.yaml`, said(node, main, 'config', 'init', '--print'))
  tree.gzip(`${doc}/changelog`, changelogText(facts, new Date(Number(epoch) * 1000)))
  const packages = productionPackages(checkout).map((one) => ({
    ...one,
    directory: relative(checkout, one.directory),
  }))
  const nodeVersion = said(node, '--version').trim()
  tree.write(`${doc}/copyright`, copyrightText(packages, nodeVersion))
  tree.write(`${doc}/LICENSE.node`, nodeLicense())
  tree.write('usr/share/lintian/overrides/walrusfs', lintianOverrides)
}

function layControl(tree: PackageTree, facts: Omit<PackageFacts, 'kib'>): string {
  const { md5sums, kib } = tree.sums()
  tree.write('DEBIAN/control', controlText({ ...facts, kib }))
  tree.write('DEBIAN/md5sums', md5sums)
  for (const [name, text] of Object.entries({ postinst, prerm, postrm })) {
    tree.write(`DEBIAN/${name}`, text, 0o755)
  }
  const file = join(checkout, 'dist', `walrusfs_${version}_${facts.architecture}.deb`)
  mkdirSync(join(checkout, 'dist'), { recursive: true })
  const pressed = process.argv.includes('--fast') ? ['-Zgzip', '-z1'] : ['-Zxz']
  said('dpkg-deb', '--build', '--root-owner-group', ...pressed, root, file)
  return file
}

function nodeLicense(): string {
  const inside = join(nodePackage, 'node_modules')
  const [of] = readdirSync(inside).filter((name) => name.startsWith('node-linux-'))
  return readFileSync(join(inside, of ?? '', 'LICENSE'), 'utf8')
}

/** Seconds; the sources are as old as their last commit, or as package.json where there is no repository. */
function lastChange(): string {
  try {
    return said('git', '-C', checkout, 'log', '-1', '--format=%ct').trim()
  } catch {
    return String(Math.floor(statSync(join(checkout, 'package.json')).mtimeMs / 1000))
  }
}

function said(command: string, ...args: string[]): string {
  const given = { ...process.env, ...(command === node ? variables() : env) }
  return execFileSync(command, args, { encoding: 'utf8', env: given, maxBuffer: 1 << 26 })
}

/** What is generated does not depend on who builds it. */
function variables(): NodeJS.ProcessEnv {
  return { SOURCE_DATE_EPOCH: epoch, WALRUSFS_HOME: join(root, '../walrusfs-deb-home') }
}
