@NullMarked
package io.robustmq.core.security;

import org.jspecify.annotations.NullMarked;
