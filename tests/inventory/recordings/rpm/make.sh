#!/bin/bash
# Makes the recordings of RPM in a scratch folder: bash make.sh NDB_RPM, where NDB_RPM is an rpm configured with
# --enable-ndb --enable-bdb-ro. Needs rpm, db5.3-util and gpg of Debian.
set -e
NDB_RPM=$1
TOP=$PWD/top; rm -rf $TOP dbs; mkdir -p $TOP/{SPECS,RPMS,SRPMS,BUILD,SOURCES} dbs
spec() { # name file; rest on stdin
cat > $TOP/SPECS/$1.spec
rpmbuild --quiet --define "_topdir $TOP" --define "_build_id_links none" --define 'vendor Constructed' --define '_buildhost constructed' --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" -ba $TOP/SPECS/$1.spec
}
export SOURCE_DATE_EPOCH=1700000000
spec openssl <<'X'
Name: openssl
Epoch: 1
Version: 3.0.7
Release: 27.el9_4
Summary: TLS
License: Apache-2.0
BuildArch: noarch
%description
TLS
%package libs
Summary: TLS libraries
%description libs
libraries
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/usr/lib64/engines
echo a > %{buildroot}/usr/bin/openssl
echo b > %{buildroot}/usr/lib64/libssl.so.3
echo c > %{buildroot}/usr/lib64/engines/afalg.so
%files
/usr/bin/openssl
%files libs
/usr/lib64/libssl.so.3
/usr/lib64/engines
X
spec python3-six <<'X'
Name: python3-six
Version: 1.15.0
Release: 9.el9
Summary: six
License: MIT
BuildArch: noarch
%description
six
%install
D=%{buildroot}/usr/lib/python3.9/site-packages
mkdir -p $D/six-1.15.0-py3.9.egg-info
echo x > $D/six.py
printf 'Metadata-Version: 1.2\nName: six\nVersion: 1.15.0\n' > $D/six-1.15.0-py3.9.egg-info/PKG-INFO
%files
/usr/lib/python3.9/site-packages/six.py
/usr/lib/python3.9/site-packages/six-1.15.0-py3.9.egg-info
X
spec nodejs <<'X'
Name: nodejs
Epoch: 1
Version: 18.19.0
Release: 1.module+el9.3.0+20757+2aa5a0a5
ModularityLabel: nodejs:18:9030020231218101111:rhel9
Summary: node
License: MIT and ASL 2.0
BuildArch: noarch
%description
node
%files
X
spec bare <<'X'
Name: bare-pkg
Version: 2.0~rc1
Release: 1
Summary: nothing
License: GPLv2+
BuildArch: noarch
%description
nothing
%files
X

spec many-files <<'X'
Name: many-files
Version: 1.0
Release: 1.el9
Summary: a header of more than one page
License: MIT
BuildArch: noarch
%description
many files
%install
for n in $(seq -w 1 400); do mkdir -p %{buildroot}/usr/share/many/$(expr $n % 7); echo x > %{buildroot}/usr/share/many/$(expr $n % 7)/a-file-with-a-long-name-$n.txt; done
%files
/usr/share/many
X
spec perl <<'X'
Name: perl
Epoch: 4
Version: 5.32.1
Release: 481.el9
Summary: perl
License: GPL+ or Artistic
BuildArch: noarch
%description
perl
%package Carp
Version: 1.50
Epoch: 0
Summary: Carp
%description Carp
Carp
%package libs
Summary: libs
%description libs
libs
%files libs
%files Carp
X
export GNUPGHOME=$PWD/gnupg; rm -rf $GNUPGHOME; mkdir -m 700 $GNUPGHOME
gpg --batch --passphrase '' --quick-gen-key 'Constructed <constructed@example.org>' rsa2048 sign never 2>/dev/null; gpg --armor --export > key.asc
Q='%{NAME}\t%|EPOCH?{%{EPOCH}:}:{}|%{VERSION}-%{RELEASE}\t%{ARCH}\t%{SOURCERPM}\t%{LICENSE}\t%{MODULARITYLABEL}\n'
install() { # rpm backend
  rm -rf dbs/$2; mkdir -p dbs/$2
  "$1" --define "_db_backend $2" --dbpath $PWD/dbs/$2 --initdb
  "$1" --define "_db_backend $2" --dbpath $PWD/dbs/$2 --import key.asc || true
  "$1" --define "_db_backend $2" --dbpath $PWD/dbs/$2 -i --justdb --nodeps --noscripts --nosignature --nodigest --ignorearch --ignoreos $TOP/RPMS/noarch/*.rpm
  "$1" --define "_db_backend $2" --dbpath $PWD/dbs/$2 -qa --qf "$Q" | sort > dbs/$2.tsv
}
install rpm sqlite
install "$NDB_RPM" ndb
cmp dbs/sqlite.tsv dbs/ndb.tsv || true
cat > wal.py <<'X'
import shutil, sqlite3, struct, subprocess, sys
from pathlib import Path

top = Path("dbs").resolve()
rows = list(sqlite3.connect(top / "sqlite/rpmdb.sqlite").execute("SELECT hnum, blob FROM Packages"))
for name, size, some in (("bdb", 4096, rows), ("small", 512, [row for row in rows if len(row[1]) < 1700][:3])):
    lines = ["VERSION=3", "format=bytevalue", "type=hash", f"db_pagesize={size}", f"h_nelem={len(some)}", "HEADER=END"]
    for number, blob in [(0, struct.pack("<I", max(rows)[0])), *some]:
        lines += [f" {struct.pack('<I', number).hex()}", f" {blob.hex()}"]
    (top / name).mkdir(exist_ok=True)
    text = "\n".join([*lines, "DATA=END", ""])
    subprocess.run(["db5.3_load", top / name / "Packages"], input=text, text=True, check=True)
shutil.copytree(top / "sqlite", top / "open", ignore=shutil.ignore_patterns("*-shm", "*-wal"))
holding = sqlite3.connect(top / "open/rpmdb.sqlite")
holding.execute("BEGIN")
holding.execute("SELECT count(*) FROM Packages").fetchone()
subprocess.run(["rpm", "--dbpath", top / "open", "-e", "--justdb", "--nodeps", "bare-pkg"], check=True)
shutil.copytree(top / "open", top / "wal")
X
python3 wal.py
"$NDB_RPM" --define "_db_backend bdb_ro" --dbpath "$PWD/dbs/bdb" -qa --qf "$Q" 2>/dev/null | sort | cmp - dbs/sqlite.tsv
for each in sqlite/rpmdb.sqlite ndb/Packages.db bdb/Packages wal/rpmdb.sqlite-wal; do xz -9ec dbs/$each > "$(basename $each).xz"; done
xz -9ec dbs/small/Packages > Packages-512.xz
cp dbs/sqlite.tsv packages.tsv
