# headers.sh CC CXX INCLUDE: every installed header compiles alone, as strict C99 and as C++, and includes nothing
# but the standard library and its own kind.
set -euo pipefail
cc=$1 cxx=$2 include=$3
for header in "$include"/lianfang/*.h; do
    name=lianfang/$(basename "$header")
    for twice in 1 2; do echo "#include <$name>"; done | "$cc" -std=c99 -pedantic-errors -Wall -Wextra -Werror -Wstrict-prototypes -I "$include" -fsyntax-only -x c -
    for twice in 1 2; do echo "#include <$name>"; done | "$cxx" -std=c++17 -pedantic-errors -Wall -Wextra -Werror -I "$include" -fsyntax-only -x c++ -
    if grep -nE '#include' "$header" | grep -vE '<(lianfang/[a-z]+|stdint|stddef|stdbool)\.h>'; then echo "FAILED: $name includes something else"; exit 1; fi
done
