/**
 * Node has no datagram sockets of Unix, so another program listens. It is told on its standard input `bind ID PATH` and
 * `drop ID PATH`, and says on its standard output `bound ID`, `failed ID WHY`, `m ID HEX` for each message, and `d ID`
 * where some were dropped: too long, too many in a second, or nobody read what it says. It never waits for its reader, so
 * that no app waits for it, and ends with its input.
 */
const PERL = String.raw`
use strict; use Socket; use Fcntl;
umask 0177; $SIG{PIPE} = 'IGNORE';
fcntl(STDOUT, F_SETFL, fcntl(STDOUT, F_GETFL, 0) | O_NONBLOCK);
my (%sock, %from, %count, %dropped); my $in = '';
sub say_line { return defined syswrite(STDOUT, $_[0] . "\n"); }
while (1) {
  my $r = ''; vec($r, 0, 1) = 1; vec($r, fileno($_), 1) = 1 for values %sock;
  next if select($r, undef, undef, undef) < 0;
  if (vec($r, 0, 1)) {
    exit 0 unless sysread(STDIN, $in, 65536, length $in);
    while ($in =~ s/^([^\n]*)\n//) {
      my ($what, $id, $path) = split / /, $1, 3;
      if ($what eq 'bind') {
        unlink $path; my $s;
        if (socket($s, PF_UNIX, SOCK_DGRAM, 0) && bind($s, pack_sockaddr_un($path))) { $sock{$id} = $s; say_line("bound $id"); }
        else { say_line("failed $id $!"); }
      } else { close $sock{$id} if $sock{$id}; delete $sock{$id}; unlink $path; }
    }
  }
  my $now = time;
  for my $id (keys %sock) {
    next unless vec($r, fileno($sock{$id}), 1);
    my $m = ''; next unless defined recv($sock{$id}, $m, LIMIT + 1, MSG_DONTWAIT);
    ($from{$id}, $count{$id}) = ($now, 0) if ($from{$id} // 0) != $now;
    my $ok = length($m) <= LIMIT && ++$count{$id} <= RATE && say_line("m $id " . unpack('H*', $m));
    if (!$ok && ($dropped{$id} // 0) != $now) { $dropped{$id} = $now; say_line("d $id"); }
  }
}`;

const PYTHON = String.raw`
import os, select, socket, sys, time
os.umask(0o177); os.set_blocking(1, False)
socks, counts, dropped, data = {}, {}, {}, b''
def say(line):
    try: os.write(1, line + b'\n'); return True
    except OSError: return False
while True:
    ready = select.select([0] + list(socks.values()), [], [])[0]
    if 0 in ready:
        more = os.read(0, 65536)
        if not more: sys.exit(0)
        data += more
        while b'\n' in data:
            line, data = data.split(b'\n', 1)
            what, id, path = line.split(b' ', 2)
            try: os.unlink(path)
            except OSError: pass
            if what == b'bind':
                try:
                    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.bind(path); socks[id] = s; say(b'bound ' + id)
                except OSError as e: say(b'failed ' + id + b' ' + str(e).encode())
            elif id in socks: socks.pop(id).close()
    now = int(time.time())
    for id, s in list(socks.items()):
        if s not in ready: continue
        try: m = s.recv(LIMIT + 1, socket.MSG_DONTWAIT)
        except OSError: continue
        at, n = counts.get(id, (now, 0)); n = n + 1 if at == now else 1; counts[id] = (now, n)
        ok = len(m) <= LIMIT and n <= RATE and say(b'm ' + id + b' ' + m.hex().encode())
        if not ok and dropped.get(id) != now: dropped[id] = now; say(b'd ' + id)
`;

/** Longest message, in bytes: written in one piece, in two digits a byte, it fits in what a pipe takes whole. */
const MAX_BYTES = 2_000;
/** Messages of one instance in a second. */
const MAX_RATE = 200;

function filled(text: string): string {
  return text.replaceAll('LIMIT', String(MAX_BYTES)).replaceAll('RATE', String(MAX_RATE));
}

/** Programs that can listen, the one that takes least first. `perl-base` is on every Debian. */
export const HELPERS: readonly { readonly program: string; readonly args: readonly string[] }[] = [
  { program: 'perl', args: ['-e', filled(PERL)] },
  { program: 'python3', args: ['-I', '-S', '-c', filled(PYTHON)] },
];

export const HELPER_NEED =
  'perl or python3 is needed to hear what the app says (sd_notify): install perl-base or python3';
