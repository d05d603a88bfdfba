// Distributed under the Boost Software License, Version 1.0. See LICENSE.
#ifndef PROCPOOL_DETAIL_TASK_TASK_PARTS_HPP
#define PROCPOOL_DETAIL_TASK_TASK_PARTS_HPP

// The contents of <procpool/task.hpp> without `bind`, which is built on them.

#include <procpool/by_value.hpp>
#include <procpool/detail/task/check_task.hpp>
#include <procpool/detail/task/task_arguments.hpp>
#include <procpool/detail/task/task_function.hpp>
#include <procpool/fn.hpp>
#include <procpool/keywords.hpp>

#endif
