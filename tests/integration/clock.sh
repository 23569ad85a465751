# Sourced after world.sh by scripts that need a certain day: gateway and members read the time of day from a file.
# world.sh's functions then work as they are.
: "${CLOCK:?no clock to preload}"
printf '%010d' 0 >"$world/clock"
for program in LIANFANGD LIANFANG; do
    printf '#!/bin/sh\nLF_TEST_CLOCK="%s" LD_PRELOAD="%s" exec "%s" "$@"\n' "$world/clock" "$CLOCK" "${!program}" >"$world/$program"
    chmod +x "$world/$program"
    export $program="$world/$program"
done
# at WHEN: Shanghai time, as date reads it. Nothing moves the clock but this.
at() { printf '%010d' "$(TZ=Asia/Shanghai date -d "$1" +%s)" | dd of="$world/clock" conv=notrunc status=none; }
