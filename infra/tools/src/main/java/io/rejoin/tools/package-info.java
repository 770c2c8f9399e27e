/** Tools for operators: {@code infra/rejoinctl dead-letters}. What to do with a letter is decided apart from how it is done. */
@NullMarked
package io.rejoin.tools;

import org.jspecify.annotations.NullMarked;
