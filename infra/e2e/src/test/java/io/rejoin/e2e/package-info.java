/** Black-box tests: the services as processes of their own, seen through the public protocol alone. */
@NullMarked
package io.rejoin.e2e;

import org.jspecify.annotations.NullMarked;
