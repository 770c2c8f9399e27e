/** How every service reads its environment. */
@NullMarked
package io.rejoin.contracts.env;

import org.jspecify.annotations.NullMarked;
