# The terminal of one app. It is a process of its own, which needs nothing of ours: the app keeps its terminal whoever of
# us is killed. Perl, because Node can neither make a pseudo-terminal nor make one the controlling terminal of a process,
# and because a Debian without perl-base is none. Of its modules, Config, Errno, Fcntl and Socket are used.
#
#   terminal.pl hold FOLDER NAME   makes a terminal and holds it until nobody has it open any more:
#                                  stdout: lines for the log; descriptor 3: says the path of the terminal, and is told the
#                                  pid of the app, which names the socket in FOLDER for those who attach
#   terminal.pl take PROGRAM ...   makes the terminal on its standard input the controlling one, and becomes PROGRAM
#
# What is said on the socket: `stateward-terminal 1`, a newline, then what the terminal has shown last and shows from then on.
# The other way come frames of a letter, a length (4 bytes, big-endian) and so many bytes: `i` what is typed, `w` rows and
# columns (2 bytes each). Whoever has ended its side is let go when all that it has typed is on its way.
use strict;
use warnings;
use Config;
use Errno;
use Fcntl qw(O_RDWR O_NOCTTY O_NONBLOCK F_GETFL F_SETFL);
use Socket qw(AF_UNIX SOCK_STREAM SOMAXCONN pack_sockaddr_un);

# The kernel has other numbers for the same on some processors. The first fits what perl was built for.
my @usual    = (TIOCSCTTY => 0x540E, TIOCGPGRP => 0x540F, TIOCSWINSZ => 0x5414);
my @directed = (TIOCGPGRP => 0x40047477, TIOCSWINSZ => 0x80087467, TIOCGPTN => 0x40045430, TIOCSPTLCK => 0x80045431);
my @NUMBERS  = (
    [qr/^(?:powerpc|ppc)/, TIOCSCTTY => 0x540E, @directed],
    [qr/^mips/, TIOCSCTTY => 0x5480, @directed],
    [qr/^(?:alpha|hppa|parisc|sparc)/],
    [qr/^/, @usual, TIOCGPTN => 0x80045430, TIOCSPTLCK => 0x40045431],
);

sub numbers {
    my ($processor) = @_;
    my ($found) = grep { $processor =~ $_->[0] } @NUMBERS;
    my (undef, %number) = @$found;
    die "an app cannot have a terminal on this processor ($processor): its numbers of ioctl(2) are not known here\n" unless %number;
    return \%number;
}

my $IOCTL;    # by name

use constant READ_BYTES     => 65536;
# What somebody who attaches is shown of what was.
use constant SHOWN_BYTES    => 16384;
# A line that is longer goes to the log in pieces.
use constant LINE_BYTES     => 65536;
# Of lines that nobody takes: the app waits then, as at any pipe.
use constant LOG_BYTES      => 1048576;
# Of what the app does not read: whoever types waits then.
use constant TYPED_BYTES    => 65536;
# Somebody who does not keep up with this much is let go.
use constant VIEWER_BYTES   => 1048576;
use constant LAST_WORDS_S   => 2;

sub take {
    my @command = @_;
    $IOCTL = numbers($Config{archname});
    ioctl(STDIN, $IOCTL->{TIOCSCTTY}, 0) or die "tty: cannot make it the terminal of the process: $!\n";
    exec { $command[0] } @command or die "spawn: cannot run $command[0]: $!\n";
}

my ($master, $listener, $control, $folder, $socket);
my ($log, $typed, $shown) = ('', '', '');
my %viewers;    # by descriptor: socket, in, out, ended
my $over = 0;

sub hold {
    ($folder, my $name) = @_;
    $0 = "stateward terminal of $name";
    $SIG{$_} = 'IGNORE' for qw(HUP INT QUIT TERM PIPE);
    umask 0177;
    open $control, '+<&=', 3 or die "tty: $!\n";
    my $path = eval { $IOCTL = numbers($Config{archname}); chdir $folder or die "$folder: $!\n"; make() };
    if (!defined $path) { syswrite $control, "!$@"; exit 1 }
    nonblocking($_) for $master, \*STDOUT, $control;
    syswrite $control, "$path\n";
    turn() until $over;
    end();
}

# Gives the path of the terminal's other end, on which the app is.
sub make {
    sysopen $master, '/dev/ptmx', O_RDWR | O_NOCTTY or die "/dev/ptmx: $!\n";
    my ($unlock, $number) = (pack('i', 0), pack('I', 0));
    ioctl($master, $IOCTL->{TIOCSPTLCK}, $unlock) or die "cannot unlock a terminal: $!\n";
    ioctl($master, $IOCTL->{TIOCGPTN}, $number) or die "cannot name a terminal: $!\n";
    resize(24, 80);
    return '/dev/pts/' . unpack('I', $number);
}

sub nonblocking {
    my ($handle) = @_;
    fcntl $handle, F_SETFL, fcntl($handle, F_GETFL, 0) | O_NONBLOCK;
}

# Waits until there is something to do, and does it.
sub turn {
    my ($reads, $writes) = ('', '');
    vec($reads, fileno $master, 1) = 1 if length $log < LOG_BYTES;
    vec($reads, fileno $control, 1) = 1 if defined $control;
    vec($reads, fileno $listener, 1) = 1 if defined $listener;
    vec($writes, fileno $master, 1) = 1 if length $typed;
    vec($writes, fileno STDOUT, 1) = 1 if length $log;
    for my $viewer (values %viewers) {
        vec($reads, fileno $viewer->{socket}, 1) = 1 if !$viewer->{ended} && length $typed < TYPED_BYTES;
        vec($writes, fileno $viewer->{socket}, 1) = 1 if length $viewer->{out};
    }
    return if select($reads, $writes, undef, undef) < 0;
    hear() if defined $control && vec($reads, fileno $control, 1);
    admit() if defined $listener && vec($reads, fileno $listener, 1);
    for my $fd (keys %viewers) {
        listen_to($fd) if vec($reads, $fd, 1);
        serve($fd) if exists $viewers{$fd} && vec($writes, $fd, 1);
    }
    send_out(\$typed, $master) if vec($writes, fileno $master, 1);
    send_out(\$log, \*STDOUT) if vec($writes, fileno STDOUT, 1);
    show() if vec($reads, fileno $master, 1);
    release();
}

# The pid of the app, once it runs.
sub hear {
    my $read = sysread $control, my $text, 64;
    return if !defined $read && $!{EAGAIN};
    close $control;
    undef $control;
    my ($pid) = ($read // 0) > 0 ? $text =~ /^(\d+)\n/ : ();
    return unless defined $pid;
    # What those have left who could not clean up.
    opendir my $names, '.' or return;
    unlink grep { /^\d+$/ && ($_ == $pid || !-e "/proc/$_") } readdir $names;
    socket my $new, AF_UNIX, SOCK_STREAM, 0 or return;
    bind $new, pack_sockaddr_un($pid) or return;
    $socket = $pid;
    listen $new, SOMAXCONN or return;
    nonblocking($new);
    $listener = $new;
}

sub admit {
    accept my $client, $listener or return;
    nonblocking($client);
    $viewers{ fileno $client } =
      { socket => $client, in => '', out => "stateward-terminal 1\n$shown", ended => 0 };
}

sub listen_to {
    my ($fd) = @_;
    my $viewer = $viewers{$fd};
    my $read = sysread $viewer->{socket}, $viewer->{in}, READ_BYTES, length $viewer->{in};
    return if !defined $read && $!{EAGAIN};
    $viewer->{ended} = 1 unless $read;
    while (length $viewer->{in} >= 5) {
        my ($kind, $length) = unpack 'a N', $viewer->{in};
        return dismiss($fd) if $length > READ_BYTES;
        last if length $viewer->{in} < 5 + $length;
        my $bytes = substr $viewer->{in}, 5, $length;
        substr $viewer->{in}, 0, 5 + $length, '';
        $typed .= $bytes if $kind eq 'i';
        resize(unpack 'n n', $bytes) if $kind eq 'w' && $length == 4;
    }
}

sub serve {
    my ($fd) = @_;
    dismiss($fd) unless send_out(\$viewers{$fd}{out}, $viewers{$fd}{socket});
}

sub dismiss {
    my ($fd) = @_;
    close $viewers{$fd}{socket};
    delete $viewers{$fd};
}

# Those who have ended their side, and those who do not keep up.
sub release {
    for my $fd (keys %viewers) {
        my $viewer = $viewers{$fd};
        dismiss($fd) if $viewer->{ended} && !length $typed || length $viewer->{out} > VIEWER_BYTES;
    }
}

# The size is that of whoever said theirs last. A program that draws does it again, also where the size is the same.
sub resize {
    my ($rows, $columns) = @_;
    return if $rows == 0 || $columns == 0;
    ioctl $master, $IOCTL->{TIOCSWINSZ}, pack('S4', $rows, $columns, 0, 0);
    my $group = pack 'i', 0;
    return unless ioctl $master, $IOCTL->{TIOCGPGRP}, $group;
    $group = unpack 'i', $group;
    kill 'WINCH', -$group if $group > 1;
}

# What the app has written.
sub show {
    my $read = sysread $master, my $bytes, READ_BYTES;
    return if !defined $read && ($!{EAGAIN} || $!{EINTR});
    return $over = 1 unless $read;
    $shown .= $bytes;
    $shown = substr $shown, -SHOWN_BYTES if length $shown > 2 * SHOWN_BYTES;
    $_->{out} .= $bytes for values %viewers;
    record($bytes);
}

my $line   = '';
my $screen = 0;    # whether a program draws on a screen of its own, which is no line of anything

sub record {
    my ($bytes) = @_;
    $line .= $bytes;
    while ((my $at = index $line, "\n") >= 0) {
        my $text = plain(substr $line, 0, $at);
        substr $line, 0, $at + 1, '';
        $log .= "$text\n" if defined $text;
    }
    return if length $line < LINE_BYTES;
    my $text = plain($line);
    $log .= $text if defined $text;
    $line = '';
}

# A line as it stands on the terminal in the end: of what was written over, the last (a progress bar is one line), with its
# colours and nothing else that is for terminals. undef: it was on a screen of its own.
sub plain {
    my ($text) = @_;
    my $hidden = $screen;
    my $kept   = '';
    for my $part (split /(\e\[\?(?:1049|1047|47)[hl])/, $text) {
        if ($part =~ /^\e\[\?\d+([hl])$/) { $screen = $1 eq 'h'; $hidden = 1; next }
        $kept .= $part unless $screen;
    }
    $kept =~ s/\e\][^\a\e]*(?:\a|\e\\)//g;
    $kept =~ s/\e[PX^_][^\e]*\e\\//g;
    $kept =~ s/\e\[1?G/\r/g;
    $kept =~ s/\e\[[0-?]*[ -\/]*[@-ln-~]//g;
    $kept =~ s/\e[ -\/]+[0-~]//g;
    $kept =~ s/\e[0-Z\\\]^_`a-~]//g;
    1 while $kept =~ s/(?:[\xc2-\xf4][\x80-\xbf]+|[^\x08\r])\x08//;
    $kept =~ s/[\x00\x07\x08]//g;
    $kept =~ s/\r+$//;
    $kept =~ s/^.*\r//s;
    return $hidden && $kept eq '' ? undef : $kept;
}

# Whether there is still somebody to send to.
sub send_out {
    my ($bytes, $handle) = @_;
    my $written = syswrite $handle, $$bytes;
    return $!{EAGAIN} || $!{EINTR} unless defined $written;
    substr $$bytes, 0, $written, '';
    return 1;
}

# Nobody has the terminal open any more.
sub end {
    unlink $socket if defined $socket;
    my $text = length $line ? plain($line) : undef;
    $log .= "$text\n" if defined $text && $text ne '';
    my $until = time + LAST_WORDS_S;
    while (time < $until && (length $log || grep { length $_->{out} } values %viewers)) {
        my $writes = '';
        vec($writes, fileno STDOUT, 1) = 1 if length $log;
        vec($writes, $_, 1) = 1 for grep { length $viewers{$_}{out} } keys %viewers;
        next if select(undef, $writes, undef, 1) < 1;
        send_out(\$log, \*STDOUT) if length $log && vec($writes, fileno STDOUT, 1);
        for my $fd (keys %viewers) { serve($fd) if vec($writes, $fd, 1) }
    }
}

my ($what, @rest) = @ARGV;
if (caller) { 1 }
elsif (($what // '') eq 'take') { take(@rest) }
elsif (($what // '') eq 'hold') { hold(@rest) }
else { die "terminal.pl: hold or take\n" }
