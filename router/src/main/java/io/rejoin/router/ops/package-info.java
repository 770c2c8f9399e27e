/** What operators see of a router. */
@NullMarked
package io.rejoin.router.ops;

import org.jspecify.annotations.NullMarked;
