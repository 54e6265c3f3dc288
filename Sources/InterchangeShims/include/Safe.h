// SPDX-License-Identifier: Apache-2.0
#ifndef SWIFTBUFFER_SAFE_H
#define SWIFTBUFFER_SAFE_H

// A structure that Swift may hold without `unsafe`, although it has pointers: following one is unsafe.
#define SB_SAFE __attribute__((swift_attr("safe")))

#endif
