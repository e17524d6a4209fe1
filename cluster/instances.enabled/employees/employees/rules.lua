-- What an employee must be. The gateway says so to its clients, with a field and a reason; this protects the data, and
-- Tarantool's thread, from whoever else calls.
local utf8 = require('utf8')

local rules = {}

local MAX_ID = 2 ^ 53 - 1
local MAX_SALARY = 2 ^ 31 - 1
-- Characters; of four bytes at most.
local MAX_TEXT = 200
-- Some 2 ms of Tarantool's thread in one transaction.
local MAX_ROWS = 100
-- Bytes.
local MAX_KEY = 128

rules.MAX_ID = MAX_ID

-- From 10^14 on, a whole number comes as a cdata.
local function is_whole(value, low, high)
    local number = type(value) == 'cdata' and tonumber(value) or value
    return type(number) == 'number' and number >= low and number <= high and number == math.floor(number)
end

local function is_text(value)
    if type(value) ~= 'string' or #value > 4 * MAX_TEXT then
        return false
    end
    -- Nil for what is not UTF-8.
    local length = utf8.len(value)
    return length ~= nil and length >= 1 and length <= MAX_TEXT
end

local function is_row(row)
    return type(row) == 'table' and (row[1] == nil or is_whole(row[1], 1, MAX_ID)) and is_text(row[2]) and is_text(row[3])
        and is_whole(row[4], 0, MAX_SALARY)
end

local function are_rows(rows)
    if type(rows) ~= 'table' or #rows < 1 or #rows > MAX_ROWS then
        return false
    end
    for _, row in ipairs(rows) do
        if not is_row(row) then
            return false
        end
    end
    return true
end

local function are_changes(given)
    return (given.name == nil or is_text(given.name)) and (given.position == nil or is_text(given.position))
        and (given.salary == nil or is_whole(given.salary, 0, MAX_SALARY))
end

local CHECKS = {
    add = function(given) return are_rows(given.rows) end,
    update = function(given) return is_whole(given.id, 1, MAX_ID) and are_changes(given) end,
    remove = function(given) return is_whole(given.id, 1, MAX_ID) end,
}

-- May this request of employees.write be applied? Its operation is one that there is.
function rules.allow(request)
    local key, given = request.request_id, request.arguments
    return type(key) == 'string' and #key >= 1 and #key <= MAX_KEY and type(given) == 'table'
        and CHECKS[request.operation](given)
end

return rules
