/**
 * The HTTP listener of all services. It keeps accepting after errors, and it closes connections whose clients stall.
 */
@NullMarked
package io.rejoin.listener;

import org.jspecify.annotations.NullMarked;
