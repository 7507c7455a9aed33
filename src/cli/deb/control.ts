import type { InstalledPackage } from './production-packages.ts'

export interface PackageFacts {
  readonly version: string
  /** As dpkg names it: amd64. */
  readonly architecture: string
  readonly maintainer: string
  readonly kib: number
}

/** Who stands in the package unless DEBFULLNAME and DEBEMAIL say otherwise. */
export function maintainerOf(env: NodeJS.ProcessEnv): string {
  const { DEBFULLNAME = 'walrusfs maintainers', DEBEMAIL = 'maintainers@walrusfs.invalid' } = env
  return `${DEBFULLNAME} <${DEBEMAIL}>`
}

export function controlText({ version, architecture, maintainer, kib }: PackageFacts): string {
  return `Package: walrusfs
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${kib}
Depends: fuse3, passwd, libc6 (>= 2.28), libgcc-s1, libstdc++6
Recommends: systemd
Section: utils
Priority: optional
Homepage: https://www.walrus.xyz
Description: mounts Walrus, the decentralized blob store on Sui, as a drive
 Directories and files are stored as erasure-coded blobs on the storage nodes
 of Walrus and named by a manifest object on Sui. Writes land on the local
 disk at once and are stored behind the writer's back; what is read is checked
 against hashes that end on the chain.
 .
 The Node.js that it runs on is in the package, under /usr/lib/walrusfs.
`
}

/** The daemon of a system mount runs as this user. Nothing of a drive is ever deleted: it may be the only copy. */
export const postinst = `#!/bin/sh
set -e
if [ "$1" = configure ]; then
  if ! getent passwd walrusfs >/dev/null; then
    useradd --system --user-group --home-dir /var/lib/walrusfs --no-create-home --shell /usr/sbin/nologin walrusfs
  fi
  if [ ! -d /etc/walrusfs ]; then
    mkdir -m 0700 /etc/walrusfs
    chown walrusfs: /etc/walrusfs
  fi
  if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || true
  fi
fi
`

/** Mounts are stored and ended before the program goes away; an upgrade leaves them running. */
export const prerm = `#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
  systemctl stop 'walrusfs@*.service' || true
fi
`

export const postrm = `#!/bin/sh
set -e
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload || true
fi
if [ "$1" = purge ]; then
  rm -rf /var/cache/walrusfs
fi
`

export function changelogText({ version, maintainer }: PackageFacts, date: Date): string {
  const when = date.toUTCString().replace('GMT', '+0000')
  return `walrusfs (${version}) unstable; urgency=medium

  * Built from the sources of ${version}.

 -- ${maintainer}  ${when}
`
}

/** Whose work is in the package, and under which terms. */
export function copyrightText(packages: readonly InstalledPackage[], nodeVersion: string): string {
  const parts = packages.map(
    ({ directory, name, version, license }) =>
      `Files: usr/lib/walrusfs/${directory}/*\nCopyright: the authors of ${name} ${version}\nLicense: ${license}\n The text lies in that directory, where its authors give one.\n`,
  )
  return `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: walrusfs
License: Apache-2.0

Files: *
Copyright: the authors of walrusfs
License: Apache-2.0
 The text is /usr/share/common-licenses/Apache-2.0.

Files: usr/lib/walrusfs/node
Copyright: Node.js ${nodeVersion} contributors and others, as below
License: Node.js
 The text is /usr/share/doc/walrusfs/LICENSE.node.

${parts.join('\n')}`
}

/** What lintian is told of: Node.js is as its makers build it, and native parts come as their authors build them. */
export const lintianOverrides = `# Node.js as its makers build it.
walrusfs: unstripped-binary-or-object [usr/lib/walrusfs/node]
walrusfs: embedded-library * [usr/lib/walrusfs/node]
walrusfs: hardening-no-pie [usr/lib/walrusfs/node]
# Parts of koffi for another libc.
walrusfs: statically-linked-binary [usr/lib/walrusfs/node_modules/*]
walrusfs: library-not-linked-against-libc [usr/lib/walrusfs/node_modules/*]
walrusfs: shared-library-lacks-prerequisites [usr/lib/walrusfs/node_modules/*]
walrusfs: script-not-executable [usr/lib/walrusfs/*]
walrusfs: unusual-interpreter *
walrusfs: maintainer-script-calls-systemctl *
`
