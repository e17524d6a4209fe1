-- Filters, as the gateway sends them: {field = {test = argument}}. All tests must hold.
local filter = {}

local FIELD_NUMBERS = {name = 2, position = 3, salary = 4}
-- What the gateway allows. Each value may cost a look into an index, so no call takes more.
local MAX_VALUES = 100

local TESTS = {
    eq = function(value, wanted) return value == wanted end,
    ['in'] = function(value, wanted) return wanted[value] end,
    starts_with = function(value, prefix) return value:sub(1, #prefix) == prefix end,
    contains = function(value, part) return value:find(part, 1, true) ~= nil end,
    gt = function(value, bound) return value > bound end,
    gte = function(value, bound) return value >= bound end,
    lt = function(value, bound) return value < bound end,
    lte = function(value, bound) return value <= bound end,
}

local function set_of(values)
    if #values > MAX_VALUES then
        error(('A list holds %d values at most, not %d'):format(MAX_VALUES, #values), 0)
    end
    local set = {}
    for _, value in ipairs(values) do
        set[value] = true
    end
    return set
end

-- Tests of one field without those whose argument is null, and the same as a list of {test, argument}.
local function compile_tests(given)
    local tests, compiled = {}, {}
    for name, argument in pairs(given) do
        if TESTS[name] == nil then
            error(('Unknown test %s'):format(name), 0)
        end
        if argument ~= nil then
            tests[name] = argument
            table.insert(compiled, {TESTS[name], name == 'in' and set_of(argument) or argument})
        end
    end
    return tests, compiled
end

local function holds(compiled, value)
    for _, test in ipairs(compiled) do
        if not test[1](value, test[2]) then
            return false
        end
    end
    return true
end

-- The smallest text that is greater than all that begin with the prefix, or nil.
local function after_prefix(prefix)
    for i = #prefix, 1, -1 do
        local byte = prefix:byte(i)
        if byte < 255 then
            return prefix:sub(1, i - 1) .. string.char(byte + 1)
        end
    end
    return nil
end

local function is_storable(value)
    return type(value) == 'string' or (value >= 0 and value == math.floor(value))
end

-- The values that eq and in leave, in ascending order; nil when neither is given.
local function values_of(tests, compiled)
    local candidates = tests.eq ~= nil and {[tests.eq] = true} or (tests['in'] ~= nil and set_of(tests['in'])) or nil
    if candidates == nil then
        return nil
    end
    local values = {}
    for value in pairs(candidates) do
        if is_storable(value) and holds(compiled, value) then
            table.insert(values, value)
        end
    end
    table.sort(values)
    return values
end

-- The whole numbers that gt, gte, lt and lte leave: {low, high}, nil for no bound.
local function interval_of(tests)
    local low, high = tests.gte, tests.lte
    if tests.gt ~= nil and (low == nil or tests.gt >= low) then
        low = tests.gt + 1
    end
    if tests.lt ~= nil and (high == nil or tests.lt <= high) then
        high = tests.lt - 1
    end
    -- The index takes no negative key, and no salary is below 0.
    return low ~= nil and math.max(0, low) or nil, high
end

-- The parts of a field's index that can hold matches: ranges in ascending order, from `low` to `high` or to before
-- `below`; {} when nothing can match, nil when anything can. With `values`, when each range is one value.
local function bounds_of(tests, compiled)
    local values = values_of(tests, compiled)
    local ranges = {}
    if values ~= nil then
        for _, value in ipairs(values) do
            table.insert(ranges, {low = value, high = value})
        end
        return {ranges = ranges, values = values}
    end
    if tests.starts_with ~= nil and tests.starts_with ~= '' then
        return {ranges = {{low = tests.starts_with, below = after_prefix(tests.starts_with)}}}
    end
    local low, high = interval_of(tests)
    if low == nil and high == nil then
        return nil
    end
    if high ~= nil and high < (low or 0) then
        return {ranges = ranges}
    end
    return {ranges = {{low = low, high = high}}}
end

local Filter = {}
Filter.__index = Filter

-- True for a row that passes every test.
function Filter:matches(row)
    for _, field in ipairs(self.tests) do
        if not holds(field.compiled, row[field.number]) then
            return false
        end
    end
    return true
end

-- True when no row can pass.
function Filter:is_empty()
    for _, bounds in pairs(self.bounds) do
        if #bounds.ranges == 0 then
            return true
        end
    end
    return false
end

-- A filter to be asked whether a row matches, with `bounds` by field: {ranges, values}. Raises a text for what is no filter.
function filter.compile(given)
    local compiled = setmetatable({tests = {}, bounds = {}}, Filter)
    for field, given_tests in pairs(given or {}) do
        if FIELD_NUMBERS[field] == nil then
            error(('Unknown field %s in a filter'):format(field), 0)
        end
        local tests, own = compile_tests(given_tests)
        table.insert(compiled.tests, {number = FIELD_NUMBERS[field], compiled = own})
        compiled.bounds[field] = bounds_of(tests, own)
    end
    return compiled
end

return filter
