import { execFileSync, spawnSync } from 'node:child_process'
import { test } from 'tap'
import type { Test } from 'tap'
import { mounted, whyNoMount } from './mounted.ts'

const skip = whyNoMount()

/** Why a test that needs these programs cannot run; false if it can. */
function needs(...programs: string[]): string | false {
  const missing = programs.filter((program) => spawnSync('which', [program]).status !== 0)
  return missing.length > 0 && `needs ${missing.join(', ')}`
}

/** Runs a shell script in a directory of the mount, as root or as another; gives what it prints. */
function shell(dir: string, script: string, uid = 0): string {
  const options = { cwd: dir, encoding: 'utf8', stdio: 'pipe', env: environment } as const
  return execFileSync('sh', ['-ec', script], { ...options, uid, gid: uid })
}

const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@b',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@b',
}

test('real tools on a mount', { skip }, async (t) => {
  const dir = await mounted(t)
  const scenario = (name: string, why: string | false, body: (t: Test) => Promise<void>) =>
    t.test(name, { skip: why }, body)

  await scenario('git clones, commits, packs and finds nothing wrong', needs('git'), async (t) => {
    const script = `
      git init -q origin; cd origin
      for i in 1 2 3 4 5 6 7 8 9; do mkdir -p d$i; echo $i > d$i/file; ln -s file d$i/link; done
      git add .; git commit -qm one
      cd ..; git clone -q origin clone; cd clone
      echo more >> d1/file; git mv d2 moved; git commit -qam two; git gc -q
      git fsck --strict 2>&1; git status --short; git log --oneline | wc -l`
    t.equal(shell(dir, script), '2\n')
  })

  await scenario('rsync finds nothing to do the second time', needs('rsync'), async (t) => {
    const script = `
      mkdir -p from/a/b; echo x > from/a/f; ln from/a/f from/a/b/g; ln -s ../f from/a/b/s
      mkfifo from/fifo; mknod from/null c 1 3; chmod 4711 from/a/f; chown 12:34 from/a/b
      truncate -s 1M from/sparse; printf 'odd\\n' > "$(printf 'from/\\377\\001 odd')"
      touch -d '1955-11-05 06:15:00.123456789 UTC' from/a/f; touch -d 2099-01-01 from/a
      rsync -aHAXS from/ to/; rsync -aHAXSn --checksum --delete -i from/ to/`
    t.equal(shell(dir, script), '')
    t.equal(shell(dir, 'stat -c "%h %a %.9Y" to/a/f'), '2 4711 -446751899.876543211\n')
  })

  await scenario(
    'tar keeps attributes and ACLs',
    needs('tar', 'setfacl', 'setfattr'),
    async (t) => {
      const script = `
      mkdir acls; echo x > acls/f; setfacl -m u:1000:rw,g:5:r acls/f; setfacl -d -m u:7:rwx acls
      setfattr -n user.color -v blue acls/f; setfattr -n trusted.t -v '' acls
      tar --xattrs --xattrs-include='*' --acls -cf acls.tar acls
      mkdir out; tar --xattrs --xattrs-include='*' --acls -xf acls.tar -C out
      show() { (cd $1; getfacl -npR acls; getfattr -h -d -m - -e text -R acls | sort); }
      show . > before; show out > after; cmp before after; grep -c . before`
      t.ok(Number(shell(dir, script)) > 15)
    },
  )

  await scenario('sqlite in both journal modes', needs('sqlite3'), async (t) => {
    for (const mode of ['delete', 'wal']) {
      const sql = `pragma journal_mode=${mode}; create table t(x); insert into t values (1);
        insert into t select x from t; insert into t select x from t; pragma integrity_check;`
      t.match(shell(dir, `sqlite3 ${mode}.db "${sql}"`), new RegExp(`^${mode}\nok\n$`))
      t.equal(shell(dir, `sqlite3 ${mode}.db 'select count(*) from t'`), '4\n')
    }
  })

  await scenario(
    'default ACLs and setgid directories, through the kernel',
    needs('setfacl'),
    async (t) => {
      const script = `
      mkdir shared; chgrp 50 shared; chmod 2777 shared; setfacl -d -m u::rwx,u:9:rwx,g::rx,o::- shared
      (umask 077; echo x > shared/f; mkdir shared/d)
      stat -c '%a %g' shared/f shared/d; getfacl -cpn shared/f | sed -n '2s/\t\t*/ /p'`
      t.equal(shell(dir, script), '660 50\n2770 50\nuser:9:rwx #effective:rw-\n')
    },
  )

  await scenario('a plain user is held to modes, sticky bits and ownership', false, async (t) => {
    shell(
      dir,
      'chmod 755 .; mkdir sticky; chmod 1777 sticky; echo x > sticky/of-root; mkdir secret; chmod 700 secret',
    )
    const tries = `
      ! rm -f sticky/of-root; ! mv sticky/of-root sticky/mine; ! ls secret; ! chmod 777 sticky/of-root
      ! chown 1000 sticky/of-root; ! touch there; echo x > sticky/own; ! chown 0 sticky/own
      chmod 600 sticky/own; rm sticky/own; ! ln sticky/of-root sticky/link; ! mknod sticky/null c 1 3`
    t.doesNotThrow(() =>
      shell(dir, tries.replaceAll(/! ([^;\n]+)/g, 'if $1 2>/dev/null; then false; fi'), 1000),
    )
  })

  await scenario('a write by a plain user takes setuid away', false, async (t) => {
    shell(dir, 'echo x > armed; chmod 6777 armed')
    shell(dir, 'echo y >> armed', 1000)
    t.equal(shell(dir, 'stat -c %a armed'), '777\n')
    t.equal(shell(dir, 'chmod 6755 armed; chown 5 armed; stat -c %a armed'), '755\n')
    t.equal(shell(dir, 'chmod 6777 armed; echo z >> armed; stat -c %a armed'), '6777\n', 'root')
    shell(dir, 'truncate -s 1 armed', 1000)
    t.equal(shell(dir, 'stat -c %a armed'), '777\n')
  })

  await scenario('locks of several processes', needs('python3'), async (t) => {
    const script = `
import fcntl, os, struct, sys
name = 'locked'
fd = os.open(name, os.O_RDWR | os.O_CREAT)
fcntl.lockf(fd, fcntl.LOCK_EX, 10, 0)
ready, go = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    other = os.open(name, os.O_RDWR)
    fcntl.lockf(other, fcntl.LOCK_EX, 10, 10)
    try: fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB, 10, 0)
    except OSError as error: print('busy', error.errno, flush=True)
    os.write(ready[1], b'.')
    fcntl.lockf(other, fcntl.LOCK_EX, 10, 0)
    print('granted', flush=True)
    os._exit(0)
os.read(ready[0], 1)
import time; time.sleep(0.3)
try: fcntl.lockf(fd, fcntl.LOCK_EX, 10, 10)
except OSError as error: print('deadlock', error.errno, flush=True)
os.close(os.open(name, os.O_RDONLY))
os.waitpid(child, 0)
OFD_SETLK = 37
lock = struct.pack('hhqqi4x', fcntl.F_WRLCK, 0, 0, 0, 0)
one, two = os.open(name, os.O_RDWR), os.open(name, os.O_RDWR)
fcntl.fcntl(one, OFD_SETLK, lock)
try: fcntl.fcntl(two, OFD_SETLK, lock)
except OSError as error: print('ofd busy', error.errno)
os.close(one)
fcntl.fcntl(two, OFD_SETLK, lock)
print('ofd granted')`
    const want = ['busy 11', 'deadlock 35', 'granted', 'ofd busy 11', 'ofd granted', '']
    t.same(
      execFileSync('python3', ['-c', script], { cwd: dir, encoding: 'utf8' }).split('\n'),
      want,
    )
  })

  await scenario('mapped memory, O_TMPFILE and O_DIRECT', needs('python3'), async (t) => {
    const script = `
import mmap, os
fd = os.open('mapped', os.O_RDWR | os.O_CREAT)
os.ftruncate(fd, 10000)
shared = mmap.mmap(fd, 10000)
shared[9000:9005] = b'bytes'
print(os.pread(fd, 5, 9000))
os.pwrite(fd, b'BYTES', 9000)
print(shared[9000:9005])
shared.flush()
tmp = os.open('.', os.O_RDWR | os.O_TMPFILE, 0o600)
os.write(tmp, b'unnamed')
os.link(f'/proc/self/fd/{tmp}', 'named', src_dir_fd=tmp)
print(open('named').read(), os.stat('named').st_nlink)
direct = os.open('mapped', os.O_RDWR | os.O_DIRECT)
page = mmap.mmap(-1, 4096)
os.preadv(direct, [page], 8192)
print(page[808:813])`
    const out = execFileSync('python3', ['-c', script], { cwd: dir, encoding: 'utf8' })
    t.equal(out, "b'bytes'\nb'BYTES'\nunnamed 1\nb'BYTES'\n")
  })

  await scenario('the status file shows itself, and no listing shows it', false, async (t) => {
    t.match(JSON.parse(shell(dir, 'cat .walrusfs/status.json')), { openFiles: 0 })
    t.notMatch(shell(dir, 'ls -a'), 'walrusfs')
    t.equal(shell(dir, 'ls -a .walrusfs'), '.\n..\nstatus.json\n')
    t.throws(() => shell(dir, 'mkdir .walrusfs'), /File exists/)
  })
})
