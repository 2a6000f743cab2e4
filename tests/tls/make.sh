#!/usr/bin/env bash
# Makes the certificates of these tests anew. The key that signs them is thrown away; the one of the server guards nothing.
set -euo pipefail
cd "$(dirname "$0")"
openssl ecparam -name prime256v1 -genkey -noout -out ca.key 2>/dev/null
openssl req -x509 -new -key ca.key -days 36500 -subj "/CN=refsheet tests" -out ca.pem -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign,cRLSign"
openssl ecparam -name prime256v1 -genkey -noout 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out server.key
leaf() { # name, alternative names, from, until
  openssl req -new -key server.key -subj "/CN=$1" -out "$1.csr"
  openssl ca -config ca.cnf -batch -notext -in "$1.csr" -out "$1.pem" -startdate "$3" -enddate "$4" \
    -extfile <(printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\nkeyUsage=digitalSignature\n' "$2")
}
printf '[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\nnew_certs_dir=.\ncertificate=ca.pem\nprivate_key=ca.key\nrand_serial=yes\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n' > ca.cnf
: > index.txt
leaf fine "DNS:localhost,DNS:api.example" 20200101000000Z 21200101000000Z
leaf other "DNS:elsewhere.example" 20200101000000Z 21200101000000Z
leaf expired "DNS:localhost,DNS:api.example" 20200101000000Z 20200201000000Z
rm -f ./*.csr ./*.cnf index.txt* serial* [0-9A-F]*.pem ca.key
